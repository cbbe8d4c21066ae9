// The chart of a run: a panel for each unit, in it one line for each case and one mark for each daemon, on a scale of powers
// of ten. A daemon without a figure has a cross at the right end.
const COLOURS = { ours: "#1f6feb", c: "#d1802b", ocaml: "#8a63b8", write: "#1f6feb", read: "#d1802b" };
const [LEFT, RIGHT, HEAD, TOP, STEP, FOOT, WIDTH] = [190, 50, 58, 34, 20, 44, 860];

const text = (at, y, body, more = "") => `<text x="${at.toFixed(1)}" y="${y}" ${more}>${body}</text>`;
const isFigure = (value) => value > 0 && Number.isFinite(value);

/**
 * `panels`: [{ title, unit, cases: [{ name, values: { KEY: number } }] }]; a figure that is missing is NaN.
 * `titles`: { KEY: text }. `missing`: why figures are missing. Returns an SVG document.
 */
export function chart(panels, titles, { title, missing = "" }) {
  const parts = [text(12, 22, title, 'font-size="15" font-weight="bold"')];
  let at = LEFT;
  for (const [key, name] of Object.entries(titles)) {
    parts.push(`<circle cx="${at}" cy="42" r="5" fill="${COLOURS[key]}"/>`, text(at + 10, 46, name));
    at += 140;
  }
  let top = HEAD;
  for (const panel of panels) {
    parts.push(...drawn(panel, top));
    top += height(panel);
  }
  if (
    missing !== "" &&
    panels.some(({ cases }) => cases.some(({ values }) => !Object.values(values).every(isFigure)))
  ) {
    parts.push(text(12, top + 8, `× no figure: ${missing}`, 'fill="#555"'));
    top += 18;
  }
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${top}" fill="#ffffff"/>`,
    ...parts,
  ].join("\n")}\n</svg>\n`;
}

function height({ cases }) {
  return TOP + cases.length * STEP + FOOT;
}

function drawn({ title, unit, cases }, top) {
  const all = cases.flatMap((c) => Object.values(c.values)).filter(isFigure);
  const low = Math.floor(Math.log10(Math.min(...all)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...all))));
  const x = (value) => LEFT + ((Math.log10(value) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const first = top + TOP;
  const bottom = first + cases.length * STEP;
  const parts = [text(12, top + 18, title, 'font-weight="bold"')];
  for (let power = low; power <= high; power++) {
    const px = x(10 ** power).toFixed(1);
    parts.push(`<line x1="${px}" y1="${first - 4}" x2="${px}" y2="${bottom}" stroke="#d8d8d8"/>`);
    parts.push(
      text(Number(px), bottom + 14, String(Number((10 ** power).toPrecision(1))), 'text-anchor="middle" fill="#555"'),
    );
  }
  const axis = `${unit}; less is better; logarithmic: each line is ten times the one before`;
  parts.push(text((LEFT + WIDTH - RIGHT) / 2, bottom + 30, axis, 'text-anchor="middle" fill="#555"'));
  for (const [i, { name, values }] of cases.entries())
    parts.push(...line(name, values, first + i * STEP + STEP / 2, x));
  return parts;
}

function line(name, values, y, x) {
  const parts = [text(LEFT - 10, y + 4, name, 'text-anchor="end"')];
  const marks = Object.entries(values).filter(([, value]) => isFigure(value));
  const places = marks.map(([, value]) => x(value));
  parts.push(
    `<line x1="${Math.min(...places).toFixed(1)}" y1="${y}" x2="${Math.max(...places).toFixed(1)}" y2="${y}" stroke="#bbb"/>`,
  );
  // The first last, so that it is on top where marks coincide.
  for (const [key, value] of marks.reverse())
    parts.push(`<circle cx="${x(value).toFixed(1)}" cy="${y}" r="5" fill="${COLOURS[key]}"/>`);
  let at = WIDTH - RIGHT + 14;
  for (const [key, value] of Object.entries(values)) {
    if (isFigure(value)) continue;
    parts.push(text(at, y + 4, "×", `fill="${COLOURS[key]}" font-size="15" font-weight="bold"`));
    at += 14;
  }
  return parts;
}
