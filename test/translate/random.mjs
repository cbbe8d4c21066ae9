// Random functions over everything that translations know: numbers that overflow, texts, properties, elements, calls,
// variables of closures, exceptions. A function calls only those in front of it, and `fuel` ends what would take long.

/** Whole numbers below n; the same for the same seed (a generator of Lehmer's kind). */
export function randomOf(seed) {
  let state = (seed % 2147483646) + 1;
  return (n) => {
    state = (state * 48271) % 2147483647;
    return state % n;
  };
}

const NUMBERS = ["0", "1", "-1", "2", "7", "255", "65536", "2147483647", "-2147483648", "0.5", "1e10"];
const TEXTS = ['""', '"a"', '"name"', '"\\u20ac"', '"seven"'];
const BINARY = ["+", "+", "-", "*", "&", "|", "^", "<<", ">>", ">>>"];
const COMPARE = ["<", "<=", ">", ">=", "===", "!==", "=="];
const FIELDS = ["p", "q", "n", "list", "length"];

export function functions(seed, count) {
  const random = randomOf(seed);
  const pick = (list) => list[random(list.length)];
  let locals = 0;
  let level = 0;
  let made = 0;
  const variable = () =>
    pick([...Array.from({ length: locals }, (_, i) => `l${i}`), "a0", "a1", "a2", "count", "later"]);

  function expression(depth) {
    const kinds = depth > 0 ? 17 : 4;
    switch (random(kinds)) {
      case 0:
        return pick(NUMBERS);
      case 1:
        return pick(TEXTS);
      case 2:
      case 3:
        return variable();
      case 4:
      case 5:
        return `(${expression(depth - 1)} ${pick(BINARY)} ${expression(depth - 1)})`;
      case 6:
        return `(${expression(depth - 1)} ${pick(COMPARE)} ${expression(depth - 1)})`;
      case 7:
        return `(${expression(depth - 1)} ${pick(["&&", "||", "??"])} ${expression(depth - 1)})`;
      case 8:
        return `(${expression(depth - 1)} ? ${expression(depth - 1)} : ${expression(depth - 1)})`;
      case 9:
        return `thing.${pick(FIELDS)}`;
      case 10:
        return `${pick(["LIST", "numbers", "HOLDS.bytes", "thing.list", variable()])}?.[${expression(depth - 1)}]`;
      case 11:
        return `thing.${pick(["twice", "sum"])}(${expression(depth - 1)}, ${expression(depth - 1)})`;
      case 12:
        return made > 0 ? `r${random(made)}(${expression(depth - 1)}, ${expression(depth - 1)})` : pick(NUMBERS);
      case 13:
        return `[${expression(depth - 1)}, ${expression(depth - 1)}]`;
      case 14:
        return `{ p: ${expression(depth - 1)}, n: ${expression(depth - 1)} }`.replace(/^(.*)$/, "($1)");
      case 15:
        return `${pick(["!", "~", "-", "typeof "])}${variable()}`;
      default:
        return `(${variable()})?.${pick(["p", "n", "length", "missing"])}`;
    }
  }

  function statement() {
    switch (random(level > 2 ? 8 : 14)) {
      case 0:
      case 1:
      case 2:
        return `${variable()} = ${expression(3)};`;
      case 3:
        return `${variable()} ${pick(["+=", "-=", "|=", "&="])} ${expression(2)};`;
      case 4:
        return `${variable()}${pick(["++", "--"])};`;
      case 5:
        return `thing.${pick(["p", "q", "n"])} = ${expression(2)};`;
      case 6:
        return `${pick(["LIST", "numbers", "HOLDS.bytes", "thing.list"])}[${pick(["0", "1", "2", "3", expression(1)])}] = ${expression(2)};`;
      case 7:
        return `if (LIST.length > 8) LIST.length = 3; else LIST.push(${expression(1)});`;
      case 8:
        return `if (${expression(2)}) { ${block()} } else { ${block()} }`;
      case 9:
        return `for (let i${level} = 0; i${level} < ${1 + random(3)}; i${level}++) { ${block()} }`;
      case 10:
        return `try { ${block()} } catch (e) { ${variable()} = String(e); }`;
      case 11:
        return `while (${expression(1)}) { ${block()} ${pick(["break;", "if (--fuel < 0) break;"])} }`;
      case 12:
        return `if (${expression(1)}) return ${expression(2)};`;
      default:
        return `{ const c${level} = ${expression(2)}; ${variable()} = c${level}; }`;
    }
  }

  function block() {
    level++;
    const text = Array.from({ length: 1 + random(3) }, statement).join(" ");
    level--;
    return text;
  }

  return Array.from({ length: count }, (_, i) => {
    locals = random(5);
    const declared = Array.from(
      { length: locals },
      (_, l) => `let l${l} = ${pick([pick(NUMBERS), pick(TEXTS), "a0", "[]"])};`,
    );
    const body = Array.from({ length: 2 + random(5) }, statement).join("\n    ");
    made = i + 1;
    return `function r${i}(a0, a1, a2) {
    if (--fuel < 0) return 0;
    ${declared.join(" ")}
    ${body}
    return [${expression(2)}, a0];
  }`;
  });
}
