import { traceSwitches } from "../observe/trace.ts";
import type { Command } from "./context.ts";

/** `log [on|off|+<switch>|-<switch>]`: what goes on is told in the log, which is the only place there is for it. */
export const log: Command = {
  name: "log",
  parameters: "[on|off|+<switch>|-<switch>]",
  run({ trace }, args) {
    const [word] = args;
    if (word === undefined) {
      const lines = traceSwitches.map(({ name }) => `${name.padEnd(8)}: ${trace.isSet(name) ? "on" : "off"}\n`);
      return `Log switch settings:\n${lines.join("")}`;
    }
    if (args.length > 1) return null;
    if (word === "on" || word === "off") {
      trace.enable(word === "on");
      return "OK";
    }
    const sign = word.charAt(0);
    if (sign !== "+" && sign !== "-") return null;
    return trace.turn(word.slice(1), sign === "+") ? "OK" : null;
  },
};
