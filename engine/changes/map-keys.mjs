const HASH = `/* How a text counts as a key: the same whether it is narrow, wide or a rope. */
typedef struct KeyHash {
    uint64_t hash, word;
    uint32_t length;
} KeyHash;

static uint64_t key_mix(uint64_t word)
{
    unsigned __int128 product = (unsigned __int128)word * (engine_key_secret | 1);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void key_put(KeyHash *k, uint32_t c)
{
    k->word = k->word >> 8 | (uint64_t)((c & 255) ^ c >> 8) << 56;
    if (++k->length % 8 == 0)
        k->hash = key_mix(k->hash ^ k->word);
}

static void key_put_string(KeyHash *k, const JSString *str)
{
    uint32_t i = 0;
    /* Most often all of it: eight characters a step. */
    if (!str->is_wide_char && k->length % 8 == 0) {
        for(; i + 8 <= str->len; i += 8) {
            memcpy(&k->word, str->u.str8 + i, 8);
            k->hash = key_mix(k->hash ^ k->word);
        }
        k->length += i;
    }
    for(; i < str->len; i++)
        key_put(k, str->is_wide_char ? str->u.str16[i] : str->u.str8[i]);
}

static void key_put_rope(KeyHash *k, JSValueConst val)
{
    if (JS_VALUE_GET_TAG(val) == JS_TAG_STRING) {
        key_put_string(k, JS_VALUE_GET_STRING(val));
    } else {
        JSStringRope *r = JS_VALUE_GET_STRING_ROPE(val);
        key_put_rope(k, r->left);
        key_put_rope(k, r->right);
    }
}

static uint32_t key_hash(JSValueConst key)
{
    KeyHash k = { engine_key_secret, 0, 0 };
    key_put_rope(&k, key);
    return key_mix(k.hash ^ k.word ^ k.length);
}

`;

const REHASH = `/* It was filled before the secret was what it is. */
static no_inline void map_hash_again(JSMapState *s)
{
    struct list_head *el;
    uint32_t h;

    memset(s->hash_table, 0, sizeof(s->hash_table[0]) * s->hash_size);
    list_for_each(el, &s->records) {
        JSMapRecord *mr = list_entry(el, JSMapRecord, link);
        if (!mr->empty) {
            h = map_hash_key(mr->key, s->hash_bits);
            mr->hash_next = s->hash_table[h];
            s->hash_table[h] = mr;
        }
    }
    s->secret = engine_key_secret;
}

`;

const LOOK = "    if (unlikely(s->secret != engine_key_secret) && !s->is_weak)\n        map_hash_again(s);\n";

export const keys = {
  name: "keys of maps",
  why:
    "QuickJS hashes a string key of a Map or Set character by character, 4 instructions each, and without a secret. " +
    "Paths are such keys: a client can choose a thousand with the same hash, each of which is then compared with all " +
    "the others. Here eight characters are hashed in a step, with a secret of the process.",
  test: "quickjs_changes_test keys_are_found_by_their_characters",
  edits: [
    {
      within: "typedef struct JSMapState",
      find: "    int hash_bits;\n",
      replace: "    int hash_bits;\n    uint64_t secret; /* engine_key_secret when it was hashed */\n",
    },
    {
      find: "/* XXX: better hash ? */\n/* precondition: 1 <= hash_bits <= 32 */\n",
      replace: `${HASH}/* precondition: 1 <= hash_bits <= 32 */\n`,
    },
    {
      within: "map_hash_key",
      find: "    case JS_TAG_STRING:\n        h = map_hash32(hash_string(JS_VALUE_GET_STRING(key), 0) ^ JS_TAG_STRING, hash_bits);\n        break;\n",
      replace: "    case JS_TAG_STRING:\n",
    },
    {
      within: "map_hash_key",
      find: "hash_string_rope(key, 0) ^ JS_TAG_STRING",
      replace: "key_hash(key)",
    },
    {
      find: "static JSMapRecord *map_find_record(JSContext *ctx, JSMapState *s,\n",
      replace: `${REHASH}static JSMapRecord *map_find_record(JSContext *ctx, JSMapState *s,\n`,
    },
    {
      within: "map_find_record",
      find: "    h = map_hash_key(key, s->hash_bits);\n",
      replace: `${LOOK}    h = map_hash_key(key, s->hash_bits);\n`,
    },
    {
      within: "js_map_delete",
      find: "    h = map_hash_key(key, s->hash_bits);\n",
      replace: `${LOOK}    h = map_hash_key(key, s->hash_bits);\n`,
    },
    {
      within: "js_map_constructor",
      find: "    s->hash_bits = 1;\n",
      replace: "    s->hash_bits = 1;\n    s->secret = engine_key_secret;\n",
    },
  ],
};
