const HIGH = "defined(__SIZEOF_INT128__) && (INTPTR_MAX >= INT64_MAX)";

export const values = {
  name: "values of 8 bytes",
  why:
    "On 64-bit machines QuickJS uses 16 bytes for a value, because a pointer does not fit beside a tag in 8. In the " +
    "images all memory is below 4 GiB (ENGINE_LOW_POINTERS), so that 8 bytes are enough, as on 32-bit machines.",
  test: "make image: quickjs_ext.c asserts it",
  edits: [
    {
      file: "quickjs.h",
      find: "#ifndef JS_PTR64\n#define JS_NAN_BOXING\n",
      replace: "#if !defined(JS_PTR64) || defined(ENGINE_LOW_POINTERS)\n#define JS_NAN_BOXING\n",
    },
    { file: "quickjs.h", find: HIGH, replace: `${HIGH} && !defined(ENGINE_LOW_POINTERS)` },
    {
      file: "quickjs.h",
      find: "#define JS_VALUE_GET_PTR(v) (void *)(intptr_t)(v)\n",
      replace: "#define JS_VALUE_GET_PTR(v) (void *)(uintptr_t)(uint32_t)(v)\n",
    },
  ],
};
