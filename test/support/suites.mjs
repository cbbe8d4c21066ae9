import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Every *.test.ts below a folder. */
export function suites(dir) {
  const found = [];
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) found.push(...suites(path));
    else if (entry.name.endsWith(".test.ts")) found.push(path);
  }
  return found.sort();
}

/** Suites over sockets that take long: `make check` leaves them out (LONG=off), `make test` plays them. */
export const LONG = ["account", "full-store", "histories", "memory", "state", "tools", "trace"].map(
  (name) => `test/socket/${name}.test.ts`,
);
