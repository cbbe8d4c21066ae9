import type { Command } from "./context.ts";

/** `config [<name> [<value>]]`: shows all options in force or one of them, or sets one until the next start. */
export const config: Command = {
  name: "config",
  parameters: "[<name> [<value>]]",
  run({ settings }, args) {
    const [name, value] = args;
    if (name === undefined)
      return settings
        .list()
        .map(([n, v]) => `${n} = ${v}\n`)
        .join("");
    if (args.length > 2) return null;
    return value === undefined ? settings.get(name) : settings.set(name, value) || "OK";
  },
};
