// Makes files from the table of options (src/options/table.ts):
//   options.mjs header FILE   the options that C takes, and the text of --help
//   options.mjs docs FILE     docs/options.md
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The rows of src/options/table.ts. */
export async function loadOptions() {
  // Kept in memory: two programs of a build may ask side by side.
  const { outputFiles } = await build({
    entryPoints: [join(root, "src/options/table.ts")],
    write: false,
    bundle: true,
    format: "esm",
    platform: "neutral",
    logLevel: "warning",
  });
  const module = `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`;
  return (await import(module)).optionTable;
}

const left = ({ name, short, argument }) =>
  `${short ? `-${short}, ` : "    "}--${name}${argument === null ? "" : ` ${argument}`}`;

function help(rows) {
  const width = Math.max(...rows.map((row) => left(row).length).filter((length) => length < 36));
  const line = (row) => {
    const head = left(row);
    const gap = head.length > width ? `\n${" ".repeat(width + 2)}` : " ".repeat(width - head.length);
    const standard = row.standard === "" || row.standard === "false" ? "" : ` [${row.standard}]`;
    return `  ${head}${gap}  ${row.help}${standard}\n`;
  };
  const part = (title, ...by) =>
    `${title}\n${rows
      .filter((row) => by.includes(row.by))
      .map(line)
      .join("")}`;
  return [
    "usage: xenstored [OPTION]...\n",
    part("Of the process:", "process"),
    part("Of the store, also in the file and, most of them, by xenstore-control config:", "daemon"),
    part("Of a stub domain, by --param:", "stub"),
    part("Accepted, without a meaning here:", "nobody"),
  ].join("\n");
}

const quoted = (text) =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => `    "${line.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}\\n"`)
    .join(" \\\n");

function header(rows) {
  const x = (by) =>
    rows
      .filter((row) => row.by === by)
      .map((row) => {
        const letter = row.short ? `'${row.short}'` : "0";
        return `    X(${row.name.replaceAll("-", "_")}, "${row.name}", ${letter}, ${row.argument !== null})`;
      })
      .join(" \\\n");
  const ofStore = rows
    .filter((row) => row.by !== "process")
    .flatMap((row) => [row.name, ...row.also].map((name) => `    X("${name}", ${row.argument !== null})`))
    .join(" \\\n");
  return `/* Made by build/options.mjs from src/options/table.ts. X(field, name, letter, takes an argument) */
#define OPTIONS_OF_PROCESS(X) \\
${x("process")}

#define OPTIONS_OF_STUB(X) \\
${x("stub")}

/* All others, with their other names: X(name, takes an argument) */
#define OPTIONS_OF_STORE(X) \\
${ofStore}

#define OPTIONS_HELP \\
${quoted(help(rows))}
`;
}

function docs(rows) {
  const cell = (text) => text.replaceAll("|", "\\|");
  const table = (by) =>
    [
      "| option | other names | default | |",
      "|---|---|---|---|",
      ...rows
        .filter((row) => row.by === by)
        .map((row) => {
          const also = [...(row.short ? [`-${row.short}`] : []), ...row.also].map((name) => `\`${name}\``).join(", ");
          const name = `\`--${row.name}${row.argument === null ? "" : ` ${cell(row.argument)}`}\``;
          return `| ${name} | ${also} | ${cell(row.standard)} | ${cell(row.help)} |`;
        }),
    ].join("\n");
  return `<!-- Made by build/options.mjs from src/options/table.ts (make docs). -->

# Options

They go onto the command line of the Linux program, into \`--param\` of \`init-xenstore-domain\`, and without the dashes,
as \`key = value\`, into the file that \`--config-file\` names, which is in the syntax of \`oxenstored.conf\`. The command
line has the last word. \`xenstore-control config\` shows those of the store that are in force,
\`xenstore-control config NAME VALUE\` changes one until the next start; a live update keeps it.

A key of the file that is unknown, has a wrong value or means nothing here gets a line in the log at the start, with file and line.
All of them are told at once. With \`--config-test\`, which looks at file and options and ends, those that are unknown or wrong are
an error. An unknown option on a command line is an error, one in \`--param\` a line.

A stub domain has its files on the 9pfs share that init-xenstore-domain gives it from Xen 4.19 on, which is Dom0's
\`/var/lib/xen/xenstore\`: relative names, and absolute ones below that directory. What is written before the share is
there waits for it, 16 KiB of each log; what does not fit is counted, and the number is told in the file. Without a share,
or when it takes nothing for half a minute, the lines go to the console. Nothing can be renamed there: old files take
turns, the lines go on in \`FILE.1\`, \`FILE.2\` and so on, and then in \`FILE\` again.

## Of the store

${table("daemon")}

## Of the Linux program

${table("process")}

## Of the stub domain

${table("stub")}

## Of the peers, accepted without a meaning

${table("nobody").replace("| | |", "| | why |")}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, file] = process.argv.slice(2);
  const texts = { header, docs };
  if (!(what in texts) || file === undefined) throw new Error("options.mjs header|docs FILE");
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), texts[what](await loadOptions()));
}
