const HIGH = "defined(__SIZEOF_INT128__) && (INTPTR_MAX >= INT64_MAX)";

export const values = {
  name: "values of 8 bytes",
  why:
    "With ENGINE_LOW_POINTERS, all memory is below 4 GiB, as in the images: a value takes 8 bytes, as on machines whose " +
    "pointers have 32 bits, and not 16.",
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
