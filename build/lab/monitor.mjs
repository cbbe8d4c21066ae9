// A client of QEMU's monitor, over its machine protocol (QMP).
import { connect } from "node:net";
import { createInterface } from "node:readline";

/** Resolves with { ask, end }. ask(COMMAND) resolves with the output of a command of the human monitor. */
export function monitor(path) {
  const socket = connect(path);
  const waiting = [];
  const send = (message) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify(message)}\n`);
    });
  const ask = async (line) =>
    (await send({ execute: "human-monitor-command", arguments: { "command-line": line } })).replaceAll("\r", "").trim();
  return new Promise((resolve, reject) => {
    const fail = (error) => {
      reject(error);
      for (const { reject } of waiting.splice(0)) reject(error);
    };
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("the monitor is gone")));
    createInterface({ input: socket }).on("line", (line) => {
      const message = JSON.parse(line);
      if (message.QMP)
        send({ execute: "qmp_capabilities" }).then(() => resolve({ ask, end: () => socket.destroy() }), reject);
      else if (message.error) waiting.shift()?.reject(new Error(message.error.desc));
      else if ("return" in message) waiting.shift()?.resolve(message.return);
    });
  });
}
