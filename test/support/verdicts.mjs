/**
 * Makes what takes the lines of a scenario: it counts verdicts in `count` ({ passed, failed, skipped }) and keeps every line in
 * `lines`. `follow`: tells each line when it is said, on standard error.
 */
export function counting(count, lines, follow) {
  return (line) => {
    if (line.startsWith("ok ")) count.passed++;
    else if (line.startsWith("not ok ")) count.failed++;
    else if (line.startsWith("skip ")) count.skipped++;
    lines.push(line);
    if (follow) console.error(line);
  };
}
