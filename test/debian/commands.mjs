// The commands of the administrator's pages, for a real host to run (2-pv.sh). What cannot be run there is listed with its reason.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PAGES = "docs/admin";
/** The first word of what is a command of a host. */
const PROGRAMS = /^(?:xenstore-[a-z]+|xl|systemctl|journalctl|apt|ls|cat|mkdir|dpkg|xenstored-ts)\b/;

/**
 * What is not run, by a pattern, and why.
 * @type {[RegExp, string][]}
 */
export const NOT_RUN = [
  [/^xenstore-[a-z]+(?:-stubdom)?$/, "a name, not a command"],
  [/\/tmp\/store/, "a store without Xen, as in test/socket/tools.test.ts"],
  [/^(?:xl|systemctl|journalctl|apt)$|^xenstore-[a-z-]+\.(?:service|timer)$/, "a name, not a command"],
  [/^systemctl edit|^xenstore-control quota set$/, "it wants more words, or a terminal"],
  [/^cat \/var\/lib\/prometheus|^systemctl enable/, "monitored() of lib.sh does it, and waits for the timer"],
  [/^apt (?:install|remove)/, "the scenario does it by itself, with a restart of the host"],
  [/^xenstore-ts (?:enable|disable)/, "the scenario does it by itself, with a restart of the host"],
  [
    /^xenstore-ts (?:takeover|giveback)|^xenstore-control live-update PATH/,
    "C xenstored serves in test/guest/takeover-417, which runs them",
  ],
  [/^xl (?:shutdown|save) Xenstore/, "what must not be done"],
  [/^xl (?:create|destroy|mem-set|console)/, "the scenario does it by itself, or it wants a terminal"],
  [/^xenstore-relay|^mkdir -p \/run\/xenstored/, "the packages do it on this host"],
  [/^xenstore-(?:dir|rm|control live-update FILE)$/, "what it is for is written beside it"],
  [/NAME|VALUE|ADDRESS|OLDER/, "a form with words to fill in"],
];
/** What stands for a file or a number there. */
const WORDS = [
  [/ > page\.html$/, " > /tmp/lab/page.html"],
  [/^(xenstore-control (?:dump|logfile)) FILE/, "$1 from-the-pages"],
  [/domain\/3\//, "domain/0/"],
  [/quota set 7 /, "quota set 0 "],
  [/\bFILE\.prom\b/, "/tmp/lab/x.prom"],
  [/\bFILE\b/, "/tmp/lab/trace"],
  [/\bOUT\b/, "/tmp/lab/out"],
  [/ [ND]$/, " 0"],
];

/** Every command of the pages: { page, command }, each once. */
export function commands() {
  const found = new Map();
  for (const name of readdirSync(PAGES).sort()) {
    const page = join(PAGES, name);
    const text = readFileSync(page, "utf8");
    const fenced = [...text.matchAll(/^```(?:sh)?\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => block.split("\n"));
    const inline = [...text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
    for (const raw of [...fenced, ...inline]) {
      const command = raw.trim().replace(/^tools\//, "");
      if (PROGRAMS.test(command) && !found.has(command)) found.set(command, page);
    }
  }
  return [...found].map(([command, page]) => ({ page, command }));
}

/** Those that a host runs, with words filled in. */
export function runnable() {
  return commands()
    .filter(({ command }) => !NOT_RUN.some(([pattern]) => pattern.test(command)))
    .map(({ page, command }) => ({ page, command: WORDS.reduce((text, [of, by]) => text.replace(of, by), command) }));
}
