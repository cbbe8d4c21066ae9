export const threads = {
  name: "no threads",
  why: "Atomics.wait() wants the threads of an operating system, which the images do not have.",
  test: "make image: it does not link",
  edits: [{ find: "#define CONFIG_ATOMICS\n", replace: "" }],
};
