// Faults of QuickJS when an allocation fails; engine/README.md has a table. The named test of quickjs_memory_test shows
// each of them with QuickJS's public functions only.
export const faults = [
  {
    name: "no backtrace for null",
    why: "Null is thrown where no error object can be made. A backtrace on it throws again, to the end of the C stack.",
    test: "quickjs_memory_test an_error_that_cannot_be_made_ends",
    edits: [
      {
        within: "JS_ThrowError2",
        find: "if (add_backtrace) {",
        replace: "if (add_backtrace && !JS_IsNull(obj)) {",
      },
    ],
  },
  {
    name: "a backtrace holds its error",
    why: "An allocation that fails while a backtrace is made throws, and so frees the very error that gets the backtrace.",
    test: "quickjs_memory_test an_error_outlives_its_backtrace",
    edits: [
      {
        within: "build_backtrace",
        find: "    js_dbuf_init(ctx, &dbuf);\n",
        replace: "    js_dbuf_init(ctx, &dbuf);\n    error_obj = JS_DupValue(ctx, error_obj);\n",
      },
      { within: "build_backtrace", find: "\n}", replace: "\n    JS_FreeValue(ctx, (JSValue)error_obj);\n}" },
    ],
  },
  {
    name: "no property is an exception",
    why: "A text that found no memory must not become a property: whoever reads it would get an exception that nobody threw.",
    test: "quickjs_memory_test no_property_is_an_exception",
    edits: [
      {
        within: "build_backtrace",
        find: "    dbuf_free(&dbuf);\n",
        replace: "    dbuf_free(&dbuf);\n    if (JS_IsException(str))\n        str = JS_NULL;\n",
      },
    ],
  },
  {
    name: "a built-in can be made later",
    why: "A built-in is made when it is first asked for. When that fails it must not stay undefined for good.",
    test: "quickjs_memory_test a_builtin_is_there_when_memory_is",
    edits: [
      {
        within: "JS_AutoInitProperty",
        find: "    js_autoinit_free(ctx->rt, pr);\n",
        replace: "    if (JS_IsException(val))\n        return -1;\n    js_autoinit_free(ctx->rt, pr);\n",
      },
    ],
  },
  {
    name: "an array is as long as what it holds",
    why: "An array's length must not grow before the element has its memory.",
    test: "quickjs_memory_test an_array_is_as_long_as_what_it_holds",
    edits: [
      {
        within: "add_fast_array_element",
        find: "    new_len = p->u.array.count + 1;\n",
        replace: `    new_len = p->u.array.count + 1;
    if (new_len > p->u.array.u1.size && expand_fast_array(ctx, p, new_len)) {
        JS_FreeValue(ctx, val);
        return -1;
    }
`,
      },
    ],
  },
  {
    name: "an object has all its properties",
    why:
      "A name that finds no memory must not become a property without a name, and an object that is made when it is first " +
      "asked for must have all that belongs to it.",
    test: "quickjs_memory_test an_object_has_all_its_properties",
    edits: [
      {
        within: "JS_SetPropertyFunctionList",
        find: "        JSAtom atom = find_atom(ctx, e->name);\n",
        replace: "        JSAtom atom = find_atom(ctx, e->name);\n        if (atom == JS_ATOM_NULL)\n            return;\n",
      },
      {
        within: "JS_InstantiateFunctionListItem2",
        find: "        JS_SetPropertyFunctionList(ctx, val, e->u.prop_list.tab, e->u.prop_list.len);\n",
        replace: `        if (JS_IsException(val))
            break;
        JS_SetPropertyFunctionList(ctx, val, e->u.prop_list.tab, e->u.prop_list.len);
        if (JS_VALUE_GET_OBJ(val)->shape->prop_count < e->u.prop_list.len) {
            JS_FreeValue(ctx, val);
            return JS_EXCEPTION;
        }
`,
      },
    ],
  },
  {
    name: "JSON keeps nothing",
    why: "What was read of an array must be freed where its index finds no memory as a text.",
    test: "quickjs_memory_test json_keeps_nothing",
    edits: [
      {
        within: "js_json_to_str",
        find: "JS_ToStringFree(ctx, JS_NewInt64(ctx, i));\n",
        replace: `JS_ToStringFree(ctx, JS_NewInt64(ctx, i));
                if (JS_IsException(prop))
                    JS_FreeValue(ctx, v);
`,
      },
    ],
  },
  {
    name: "an array is made whole or not at all",
    why:
      "An array of a shape that is not the context's own gets its length as a property, which can fail: concat(), filter(), " +
      "map() and slice() make such arrays. What failed was written to.",
    test: "quickjs_memory_test an_array_is_made_whole_or_not_at_all",
    edits: [
      {
        within: "JS_NewObjectFromShape",
        find: `                                  JS_PROP_WRITABLE | JS_PROP_LENGTH);
`,
        replace: `                                  JS_PROP_WRITABLE | JS_PROP_LENGTH);
                if (unlikely(!pr)) {
                    sh = p->shape;
                    js_free(ctx, p->prop);
                    js_free(ctx, p);
                    goto fail;
                }
`,
      },
    ],
  },
];
