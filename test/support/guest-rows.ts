import { type Guest, GuestWorld, Relay } from "./guest-world.ts";
import type { Row } from "./rows.ts";
import type { WorldOptions } from "./world.ts";

interface List {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly options: WorldOptions;
}

const lists: List[] = [];

/** Stands for rows.ts where the rows are played from the rings of real guests. */
export function group(title: string) {
  const rows = (name: string, list: readonly Row[], options: WorldOptions = {}): void => {
    lists.push({ name: `${title}: ${name}`, rows: list, options });
  };
  return { test: () => {}, rows, run: () => {} };
}

const isGuest = (who: string): boolean => /^[1-9]/.test(who);
const isDom0Watch = ([who, request]: Row): boolean => !isGuest(who) && /^(UN)?WATCH /.test(request);

/** Why real guests on a real host cannot play a list; each tries a row. */
const hindrances: readonly [string, (row: Row, list: List) => boolean][] = [
  ["nothing in it is sent by a guest", (_row, list) => !list.rows.some(([who]) => isGuest(who))],
  ["a domain dies or shuts down", ([who, what]) => who === "host" && /^(kill|shutdown)/.test(what)],
  ["a connection breaks", ([who, what]) => who === "host" && /^(broken|reset)/.test(what)],
  ["a domain comes into being", ([who, what]) => who === "host" && what.startsWith("exist")],
  [
    "Linux does not pass a depth on",
    (row) => isDom0Watch(row) && row[1].split("|").length > 3 && (row[2] ?? "OK|") === "OK|",
  ],
  [
    "Dom0's part is xenstore-control's",
    ([who, request]) => who !== "host" && !isGuest(who) && request.startsWith("CONTROL"),
  ],
  ["Dom0's message is longer than Linux takes", ([who, request]) => !isGuest(who) && request.length > 4080],
  ["Dom0 would lose what it watches", ([who, request]) => !isGuest(who) && request.startsWith("RESET_WATCHES")],
  [
    "its quotas have no name to be set by",
    (_row, list) => (list.options.args ?? []).some((arg) => /^(-w|--timeout)/.test(arg)),
  ],
];

/** Plays every list that can be played; `said` gets `ok NAME`, `not ok NAME: WHY`, `skip NAME: WHY`. */
export async function play(relay: Relay, guests: readonly Guest[], said: (line: string) => void): Promise<void> {
  const world = new GuestWorld(relay, guests);
  // A quota of a domain's own cannot be taken away again: those lists come last.
  const own = (list: List): number => (list.rows.some(([, request]) => /^SET_QUOTA \d/.test(request)) ? 1 : 0);
  for (const list of [...lists].sort((a, b) => own(a) - own(b))) {
    const why = hindrances.find(([, test]) => list.rows.some((row) => test(row, list)))?.[0];
    if (why !== undefined) {
      said(`# not for guests: ${list.name}: ${why}`);
      continue;
    }
    try {
      await world.begin(list.options);
      for (const [n, row] of list.rows.entries()) {
        const wrong = await differs(world, row).catch((thrown: Error) => thrown.message);
        if (wrong !== "") throw new Error(`row ${n + 1}: ${row[0]} ${row[1].slice(0, 100)}: ${wrong}`);
      }
      said(`ok from a guest's ring: ${list.name}`);
    } catch (thrown) {
      said(`not ok from a guest's ring: ${list.name}: ${(thrown as Error).message}`);
    }
  }
}

/** "" or what is wrong. */
async function differs(world: GuestWorld, row: Row): Promise<string> {
  const [who, request, reply = "OK|", ...events] = row;
  if (who === "host") {
    await world.happen(request);
    return "";
  }
  // Linux answers these itself where it can.
  if (isDom0Watch(row) && reply.startsWith("!")) return "";
  const got = await world.request(who, request);
  // Dom0's transactions are numbered along with those of everybody else in it.
  const numbered = !isGuest(who) && request.startsWith("TRANSACTION_START") && /^\d+\|$/.test(got.reply);
  if (reply !== "*" && !numbered && got.reply !== reply) return `expected ${reply}, got ${got.reply}`;
  const told = JSON.stringify(got.events);
  return told === JSON.stringify(events) ? "" : `expected events ${JSON.stringify(events)}, got ${told}`;
}

export { Relay };
