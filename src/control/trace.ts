import { traceSwitches } from "../observe/trace.ts";
import type { Command } from "./context.ts";

/** `log [on|off|+<switch>|-<switch>]`: shows or sets the switches of the trace, or turns it on or off. */
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
      if (word === "on") trace.sink.reopen();
      trace.enable(word === "on");
      return "OK";
    }
    const sign = word.charAt(0);
    if (sign !== "+" && sign !== "-") return null;
    return trace.turn(word.slice(1), sign === "+") ? "OK" : null;
  },
};

/** `logfile <file>`: sends the trace to a file, and turns it on. */
export const logfile: Command = {
  name: "logfile",
  parameters: "<file>",
  run({ settings, trace }, args) {
    const [path] = args;
    if (path === undefined || path === "" || args.length > 1) return null;
    const why = settings.set("trace-file", path);
    if (why !== "") return why;
    trace.enable(true);
    return "OK";
  },
};
