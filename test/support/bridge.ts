import { spawn } from "node:child_process";

/** A terminal that passes bytes as they are: what is read and written in it as in Linux's device, and not a socket. */
const BRIDGE = `
import os, pty, select, socket, sys, tty
store = socket.socket(socket.AF_UNIX)
store.connect(sys.argv[1])
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
while True:
    for ready in select.select([master, store], [], [])[0]:
        # Few at a time: a message comes in parts.
        data = os.read(ready if ready == master else store.fileno(), 100)
        os.write(store.fileno() if ready == master else master, data)
`;

/** A device that stands for Linux's: its path, and what ends it. */
export async function bridge(socket: string): Promise<{ device: string; stop(): void }> {
  const child = spawn("python3", ["-c", BRIDGE, socket], { stdio: ["ignore", "pipe", "inherit"] });
  const device = await new Promise<string>((go, fail) => {
    child.stdout.once("data", (data) => go(String(data).trim()));
    // Where the machine gives it no terminal, for one.
    child.once("close", (code) => fail(new Error(`the bridge ended with ${code}`)));
  });
  return { device, stop: () => child.kill() };
}
