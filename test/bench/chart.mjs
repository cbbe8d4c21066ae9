// The chart of a run: one line for each case, one mark for each daemon, on a scale of powers of ten.
const COLOURS = { ours: "#1f6feb", c: "#d1802b", ocaml: "#8a63b8" };
const [LEFT, RIGHT, TOP, STEP, WIDTH] = [190, 30, 64, 20, 860];

/** `cases`: [{ name, values: { KEY: number } }]; `titles`: { KEY: text }. Returns an SVG document. */
export function chart(cases, titles, { title, unit }) {
  const all = cases.flatMap((c) => Object.values(c.values)).filter((v) => v > 0 && Number.isFinite(v));
  const low = Math.floor(Math.log10(Math.min(...all)));
  const high = Math.ceil(Math.log10(Math.max(...all)));
  const x = (value) => LEFT + ((Math.log10(value) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + cases.length * STEP;
  const text = (at, y, body, more = "") => `<text x="${at.toFixed(1)}" y="${y}" ${more}>${body}</text>`;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 34}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${bottom + 34}" fill="#ffffff"/>`,
    text(12, 22, title, 'font-size="15" font-weight="bold"'),
  ];
  let at = LEFT;
  for (const [key, name] of Object.entries(titles)) {
    parts.push(`<circle cx="${at}" cy="42" r="5" fill="${COLOURS[key]}"/>`, text(at + 10, 46, name));
    at += 140;
  }
  for (let power = low; power <= high; power++) {
    const px = x(10 ** power).toFixed(1);
    parts.push(`<line x1="${px}" y1="${TOP - 8}" x2="${px}" y2="${bottom}" stroke="#d8d8d8"/>`);
    parts.push(
      text(Number(px), bottom + 14, String(Number((10 ** power).toPrecision(1))), 'text-anchor="middle" fill="#555"'),
    );
  }
  parts.push(text((LEFT + WIDTH - RIGHT) / 2, bottom + 30, unit, 'text-anchor="middle" fill="#555"'));
  cases.forEach(({ name, values }, i) => {
    const y = TOP + i * STEP + STEP / 2;
    parts.push(text(LEFT - 10, y + 4, name, 'text-anchor="end"'));
    const marks = Object.entries(values).filter(([, v]) => v > 0 && Number.isFinite(v));
    const places = marks.map(([, v]) => x(v));
    parts.push(
      `<line x1="${Math.min(...places).toFixed(1)}" y1="${y}" x2="${Math.max(...places).toFixed(1)}" y2="${y}" stroke="#bbb"/>`,
    );
    // Ours last, so that it is on top where marks coincide.
    for (const [key, v] of marks.reverse())
      parts.push(`<circle cx="${x(v).toFixed(1)}" cy="${y}" r="5" fill="${COLOURS[key]}"/>`);
  });
  return `${parts.join("\n")}\n</svg>\n`;
}
