// Images that fit, and cannot start: the program in one has another format, the code of the other traps.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

const OUT = "build/out";
const UD2 = Buffer.from([0x0f, 0x0b]);
/** The magic number of a program file, and its version. */
const PROGRAM = Buffer.from("XSTSPROG\x02\0\0\0", "latin1");

/** The place of an address in an ELF file. */
function placeOf(elf, address) {
  const at = Number(elf.readBigUInt64LE(32));
  for (let n = 0; n < elf.readUInt16LE(56); n++) {
    const program = elf.subarray(at + 56 * n);
    const [offset, start, size] = [8, 16, 32].map((place) => Number(program.readBigUInt64LE(place)));
    if (program.readUInt32LE(0) === 1 && address >= start && address < start + size) return offset + address - start;
  }
  throw new Error(`no part of the image has the address ${address.toString(16)}`);
}

function symbol(name, file) {
  const line = execFileSync("nm", [file], { encoding: "utf8" })
    .split("\n")
    .find((one) => one.endsWith(` ${name}`));
  if (line === undefined) throw new Error(`${file} has no symbol ${name}`);
  return Number.parseInt(line, 16);
}

/** Makes them for a kind of image. Returns their names in Dom0, with their files. */
export default function broken(image) {
  const base = join(OUT, image === "pvh" ? "xenstore-ts-stubdom-pvh" : "xenstore-ts-stubdom");
  const whole = gunzipSync(readFileSync(`${base}.gz`));
  const program = Buffer.from(whole);
  program[whole.indexOf(PROGRAM) + PROGRAM.length - 4] = 9;
  const code = Buffer.from(whole);
  UD2.copy(code, placeOf(code, symbol("engine_boot", `${base}.elf`)));
  mkdirSync(join(OUT, "broken"), { recursive: true });
  return Object.fromEntries(
    Object.entries({ program, code }).map(([name, bytes]) => {
      const file = join(OUT, "broken", `${image}-${name}.gz`);
      writeFileSync(file, gzipSync(bytes));
      return [`broken-${name}.gz`, file];
    }),
  );
}
