// Writes host_contract.h: the numbers that TypeScript and C share, from their definitions in TypeScript.
//   contract.mjs FILE
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Enums of src/host.ts: the name there, the name in C, the prefix of members in C, and the C name of their count. */
const enums = [
  ["HeaderField", "header_field", "HEADER", "HEADER_FIELDS"],
  ["PathKind", "path_kind", "PATH", null],
  ["EventKind", "event_kind", "EVENT", "EVENT_KINDS"],
  ["DomainState", "domain_state", "DOMAIN", null],
  ["LinkError", "link_error", "LINK", null],
  ["Claim", "link_claim", "CLAIM", null],
  ["LogSink", "log_sink", "LOG_SINK", "LOG_SINKS"],
  ["Kept", "journal_table", "JOURNAL", "JOURNAL_TABLES"],
  ["Origin", "origin", "ORIGIN", null],
  ["Shed", "shed", "SHED", null],
];

/** Numbers of src/limits.ts. */
const limits = ["PAYLOAD_MAX", "TURN_MESSAGES", "LOG_LINES_CONSOLE"];

async function load() {
  const outfile = join(root, "build/out/contract.mjs");
  await build({
    stdin: {
      contents: `export * as host from "./src/host.ts"; export * as limits from "./src/limits.ts";
        export { Flag } from "./src/store/rows.ts"; export { columnNames } from "./src/store/journal.ts";`,
      resolveDir: root,
    },
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile));
}

const upper = (name) => name.replace(/[A-Z]/g, "_$&").toUpperCase();

function number(value, name) {
  if (!Number.isInteger(value)) throw new Error(`${name} is no whole number`);
  return value;
}

function enumeration(of, [name, type, prefix, count]) {
  // An enum of TypeScript also maps numbers to names.
  const members = Object.entries(of[name]).filter(([, value]) => typeof value === "number");
  const lines = members.map(([member, value]) => `    ${prefix}_${upper(member)} = ${number(value, member)},`);
  if (count !== null) lines.push(`    ${count} = ${members.length},`);
  return `/* ${name} of src/host.ts. */\nenum ${type} {\n${lines.join("\n")}\n};\n`;
}

function header({ host, limits: bounds, Flag, columnNames }) {
  const columns = columnNames.map((name, i) => `    COLUMN_${upper(name)} = ${i},`);
  return `/* Made by build/contract.mjs from src/host.ts, src/limits.ts, src/store/rows.ts and src/store/journal.ts. */
#ifndef HOST_CONTRACT_H
#define HOST_CONTRACT_H

${enums.map((row) => enumeration(host, row)).join("\n")}
/* Types of requests whose payload begins with a path, as bits. */
#define PATH_TYPES ${number(host.PATH_TYPES, "PATH_TYPES")}U

/* The columns of the store that the journal reads, in their order, and of \`flags\` the bit of a row that did not go. */
enum column {
${columns.join("\n")}
    COLUMNS = ${columnNames.length},
};
#define COLUMN_NAMES ${columnNames.map((name) => `"${name}"`).join(", ")}
#define FLAG_LINKED ${number(Flag.linked, "linked")}

${limits.map((name) => `#define ${name} ${number(bounds[name], name)}`).join("\n")}

#endif
`;
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("contract.mjs FILE");
const path = join(root, file);
const text = header(await load());
mkdirSync(dirname(path), { recursive: true });
// An unchanged file keeps its time, so that make does not compile anything again.
if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
