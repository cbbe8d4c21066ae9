// `make run`: boots a Dom0 with the store. On a terminal it starts a shell; otherwise it runs the demonstration.
//   IMAGE=pv|pvh  MEMORY=megabytes  WHERE=stub|dom0  STORE=c|ocaml  XEN=4.20|4.17  SMP=1|2  PARAM='options for the store'
import { checkImage, interactive, options, ready, STORES, script } from "./qemu.mjs";

const GUESTS = "test/guest/guests.inc";
const wanted = options();
checkImage(wanted);
ready();
const stub = `our ${wanted.image.toUpperCase()} image, ${wanted.memory} MB`;
const name = `Xen ${wanted.xen}, ${wanted.store === "stub" ? stub : STORES[wanted.store]}${wanted.smp > 1 ? `, ${wanted.smp} processors` : ""}`;

if (process.stdin.isTTY && process.stdout.isTTY) {
  console.log(`Booting Dom0: ${name}. To leave at any time: Ctrl-A X`);
  process.exitCode = await interactive({ ...wanted, files: { main: "test/guest/shell.sh", "guests.inc": GUESTS } });
} else {
  console.log(`Dom0 is booting: ${name}`);
  const files = { main: "test/guest/demo.sh", "guests.inc": GUESTS, "lib.sh": "test/guest/lib.sh" };
  const end = await script({ ...wanted, files }, (line) => console.log(line), { name: "demo" });
  if (end.status === null)
    console.log([`FAIL: ${end.why}`, ...end.examined, "The last lines of the machine:", ...end.console].join("\n"));
  else
    console.log(`${end.status === 0 ? "Everything was as it should be" : "FAIL"}, after ${end.seconds.toFixed(0)} s`);
  process.exitCode = end.status === 0 ? 0 : 1;
}
