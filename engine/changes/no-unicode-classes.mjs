export const unicode = {
  name: "no classes of Unicode",
  why:
    "Regular expressions with \\p{...} need tables of all characters, which are a thirtieth of the images. The " +
    "program has no such expression. With one it would not compile, because its regular expressions are compiled " +
    "with it.",
  test: "quickjs_changes_test there_are_no_classes_of_unicode",
  edits: [{ file: "libunicode.h", find: "#define CONFIG_ALL_UNICODE\n", replace: "" }],
};
