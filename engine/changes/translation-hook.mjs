/** Connects QuickJS with translated functions (engine/translate): when bytecode is read, called and freed. */
export const translation = {
  name: "translation hook",
  why:
    "A function that was translated into C (engine/translate) must run as C wherever it is called. QuickJS looks for " +
    "its translation when it reads the bytecode, calls it in place of the interpreter, and frees what translations " +
    "keep with the runtime.",
  test: "engine_translation_test a_translation_can_be_left_anywhere",
  edits: [
    {
      within: "typedef struct JSFunctionBytecode",
      find: "    uint8_t *byte_code_buf; /* (self pointer) */\n",
      replace: "    int32_t translated; /* see translated_of(); 0: it is interpreted */\n    uint8_t *byte_code_buf; /* (self pointer) */\n",
    },
    {
      within: "struct JSRuntime",
      find: "    const char *rt_info;\n",
      replace: "    const char *rt_info;\n    void *translated_words; /* what translations remember */\n    int translated_uncounted; /* see translated_count() */\n",
    },
    {
      within: "JS_CallInternal",
      find: "static JSValue JS_CallInternal(",
      replace: '#include "engine/translate/runtime/hook.h"\nstatic JSValue JS_CallInternal(',
    },
    {
      within: "JS_CallInternal",
      find: "\n    b = p->u.func.function_bytecode;\n",
      replace: `
    b = p->u.func.function_bytecode;
    if (b->translated)
        return translated_of(b)(caller_ctx, func_obj, this_obj, argc, argv);
`,
    },
    {
      within: "JS_ReadFunctionTag",
      find: "        if (JS_ReadFunctionBytecode(s, b, byte_code_offset, b->byte_code_len))\n            goto fail;\n",
      replace: `        if (JS_ReadFunctionBytecode(s, b, byte_code_offset, b->byte_code_len))
            goto fail;
        translated_find(ctx->rt, b);
`,
    },
    {
      within: "JS_FreeRuntime",
      find: "    JS_FreeValueRT(rt, rt->current_exception);\n",
      replace: "    translated_forget(rt);\n    JS_FreeValueRT(rt, rt->current_exception);\n",
    },
    {
      within: "JS_FreeRuntime",
      find: "void JS_FreeRuntime(",
      replace: "static void translated_forget(JSRuntime *rt);\nvoid JS_FreeRuntime(",
    },
  ],
};
