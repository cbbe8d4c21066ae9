import { spawnSync } from "node:child_process";

/**
 * The time of all that is packed, in seconds, so that the same commit makes the same bytes: SOURCE_DATE_EPOCH, or the time of the
 * commit. Without both the process ends with a line that says so, of the recipe that is named.
 */
export function epoch(recipe) {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined && /^\d+$/.test(given)) return Number(given);
  const said = given === undefined ? spawnSync("git", ["log", "-1", "--format=%ct"], { encoding: "utf8" }).stdout : "";
  if (/^\d+\s*$/.test(said ?? "")) return Number(said);
  const why = given === undefined ? "this is no git checkout" : `SOURCE_DATE_EPOCH=${given} is no number of seconds`;
  console.error(`${recipe}: ${why}: make ${recipe} SOURCE_DATE_EPOCH=$(date +%s)`);
  process.exit(1);
}
