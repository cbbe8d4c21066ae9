// Makes the manual pages of docs/man/:
//   man.mjs pages DIRECTORY   writes them there. Lines in them stand for what is written down elsewhere:
//                             .\" @options BY       the rows of the table of options that are BY's
//                             .\" @control PART     docs/control.md: intro, commands or notes
//                             @VERSION@             of package.json
//   man.mjs html DIRECTORY    makes DIRECTORY/html/ of the pages that are there, by mandoc
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadOptions } from "./options.mjs";

const SOURCES = "docs/man";
const names = readdirSync(SOURCES).sort();

/** Text as mdoc prints it: no word of it is taken for a macro. */
const plain = (text) => text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
/** A line of text: one that begins with a dot would be a macro. */
const line = (text) => `\\&${text}`;
const list = (items) => [".Bl -tag -width Ds", ...items.flat(), ".El"].join("\n");

/** `--entry-nb <n>` as macros. What stands in brackets is an argument, the rest of it as well. */
function option({ name, short, argument }) {
  const value = argument === null ? "" : ` Ar "${plain(argument.replaceAll(/[<>]/g, ""))}"`;
  return `.It ${short ? `Fl ${short}${value} , ` : ""}Fl Fl ${plain(name)}${value}`;
}

function options(rows, by) {
  const items = rows
    .filter((row) => row.by === by)
    .map((row) => {
      const standard = row.standard === "" || row.standard === "false" ? "" : ` [${row.standard}]`;
      const also =
        row.also.length === 0
          ? []
          : [line(plain(`Other ${row.also.length > 1 ? "names" : "name"}: ${row.also.join(", ")}.`))];
      return [option(row), line(plain(`${row.help}${standard}`)), ...also.flatMap((text) => [".br", text])];
    });
  if (items.length === 0) throw new Error(`${SOURCES}: @options ${by}: there are none`);
  return list(items);
}

/** Markdown within a paragraph: `code` and **bold** are bold, of a link the text stays. */
const inline = (text) =>
  plain(text.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1").replaceAll("\\|", "|"))
    .replaceAll(/`([^`]+)`/g, "\\fB$1\\fR")
    .replaceAll(/\*\*([^*]+)\*\*/g, "\\fB$1\\fR");
/** A sentence a line, as mdoc wants it. */
const paragraph = (text) =>
  inline(text.replaceAll(/\s+/g, " "))
    .split(/(?<=\.) (?=[A-Z])/)
    .map(line)
    .join("\n");

function control(part) {
  const text = readFileSync("docs/control.md", "utf8");
  const [head, table, notes] = text.split(/^\| command .*\n\|---.*\n|^## Notes\n/m);
  const blocks = (some) => some.trim().split(/\n\n+/);
  const parts = {
    intro: () => blocks(head).slice(1).map(paragraph).join("\n.Pp\n"),
    commands: () =>
      list(
        blocks(table)[0]
          .split("\n")
          .map((row) => row.split(/(?<!\\)\|/).slice(1, 4))
          .map(([command, prints, costs]) => [
            `.It ${inline(command.trim().replaceAll('"', ""))}`,
            line(inline(`Prints: ${prints.trim()}.`)),
            ".br",
            line(inline(`Costs: ${costs.trim()}.`)),
          ]),
      ),
    notes: () =>
      list(
        notes
          .trim()
          .split(/^- /m)
          .slice(1)
          .map((item) => /^\*\*(.*?)\.?\*\*\s+(.*)$/s.exec(item))
          .map(([, title, body]) => [`.It ${inline(`**${title}**`)}`, paragraph(body)]),
      ),
  };
  if (!(part in parts)) throw new Error(`${SOURCES}: @control ${part} is not known`);
  return parts[part]();
}

async function pages(directory) {
  const rows = await loadOptions();
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  mkdirSync(directory, { recursive: true });
  for (const name of names) {
    const text = readFileSync(join(SOURCES, name), "utf8")
      .replaceAll("@VERSION@", version)
      .replaceAll(/^\.\\" @options (\w+)$/gm, (_, by) => options(rows, by))
      .replaceAll(/^\.\\" @control (\w+)$/gm, (_, part) => control(part));
    writeFileSync(join(directory, name), text);
  }
}

function html(directory) {
  const target = join(directory, "html");
  mkdirSync(target, { recursive: true });
  // mandoc makes links only to pages that are there.
  for (const name of names) writeFileSync(join(target, `${name}.html`), "");
  for (const name of names) {
    const links = "man=%N.%S.html;https://manpages.debian.org/%N.%S";
    const { status, stdout, stderr, error } = spawnSync(
      "mandoc",
      ["-T", "html", "-O", links, resolve(directory, name)],
      {
        cwd: target,
        encoding: "utf8",
      },
    );
    if (status !== 0) throw new Error(`mandoc: ${name}: ${error?.message ?? stderr}`);
    writeFileSync(join(target, `${name}.html`), stdout);
  }
}

const [what, directory] = process.argv.slice(2);
const makes = { pages, html };
if (!(what in makes) || directory === undefined) throw new Error("man.mjs pages|html DIRECTORY");
await makes[what](directory);
