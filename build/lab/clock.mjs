// A clock of the time that an emulated machine could run.
import { readdirSync, readFileSync } from "node:fs";

/**
 * A clock without the time in which a thread of the process waited for a processor of the host: a machine that gets a tenth
 * of a processor has a tenth of the time. A machine that sleeps waits for none, so it has the host's time. Each call
 * returns the seconds so far; call it about once a second.
 */
export function machineClock(pid) {
  let at = Date.now();
  let seconds = 0;
  let before = new Map();
  return () => {
    const now = new Map();
    let longest = 0;
    for (const thread of threads(pid)) {
      const waited = runDelay(pid, thread);
      now.set(thread, waited);
      longest = Math.max(longest, waited - (before.get(thread) ?? waited));
    }
    before = now;
    const passed = (Date.now() - at) / 1000;
    at += passed * 1000;
    seconds += Math.max(0, passed - longest);
    return seconds;
  };
}

function threads(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Seconds that a thread has waited for a processor; 0 if the host's kernel does not count them. */
function runDelay(pid, thread) {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[1]) / 1e9;
  } catch {
    return 0;
  }
}
