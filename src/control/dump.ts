import type { Command } from "./context.ts";

/** `dump <file>`: writes the state as a migration stream to a file of the host's. */
export const dump: Command = {
  name: "dump",
  parameters: "<file>",
  run(context, args) {
    const [path] = args;
    if (path === undefined || args.length > 1) return null;
    context.dump();
    const why = context.host.update.write(path);
    return why === "" ? "OK" : why;
  },
};
