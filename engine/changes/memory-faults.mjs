// Faults of QuickJS when an allocation fails; engine/README.md has a table. The named test of quickjs_memory_test shows
// each of them with QuickJS's public functions only.
export const faults = [
  {
    name: "no backtrace for null",
    why:
      "JS_ThrowError2 throws null if there is no memory for the error object. It still calls build_backtrace, which " +
      "throws an error because null has no properties, and so on, until the C stack is used up.",
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
    why:
      "build_backtrace has no reference to the error that it gets. An allocation that fails in it throws, JS_Throw " +
      "frees the exception that was pending, which is that error, and build_backtrace then writes into freed memory.",
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
    why:
      "If there is no memory for the text of a backtrace, build_backtrace stores JS_EXCEPTION as the value of " +
      "`stack`. Whoever reads that property gets an exception that nobody threw.",
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
    why:
      "A built-in object is made at its first use. If that fails, JS_AutoInitProperty leaves the property as an " +
      "ordinary one with the value undefined, so that the built-in is missing from then on. Here the next use tries " +
      "again.",
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
    why:
      "add_fast_array_element increments the length before it allocates memory for the element. If that fails, the " +
      "array is one longer than its contents.",
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
      "JS_SetPropertyFunctionList ignores errors: without memory for a name it adds a property without a name " +
      "(JS_ATOM_NULL), and without memory for a value it leaves the property out. An object such as Math, which is " +
      "made at its first use, then lacks properties for good.",
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
    why:
      "For each element of an array, js_json_to_str reads the value and then makes a string of the index. If there " +
      "is no memory for the string, it returns without freeing the value.",
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
      "JS_NewObjectFromShape adds the property `length` to an array whose shape is not the context's own; concat(), " +
      "filter(), map() and slice() make such arrays. It assumes that this cannot fail, and writes through NULL if " +
      "there is no memory.",
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
