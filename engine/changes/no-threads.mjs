export const threads = {
  name: "no threads",
  why:
    "Atomics.wait() needs the threads of an operating system. The images have none, so QuickJS is built without " +
    "Atomics.",
  test: "make image: it does not link",
  edits: [{ find: "#define CONFIG_ATOMICS\n", replace: "" }],
};
