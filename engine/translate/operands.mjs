// What is written behind an operation.

export const u16 = (op) => op.bytes.readUInt16LE();

/** The name of a property, as C finds it. */
export const nameOf = (op) => `get_u32(code + ${op.at + 1})`;

/** Where a jump leads. */
export function target(op) {
  const { bytes } = op;
  const by = bytes.length === 1 ? bytes.readInt8() : bytes.length === 2 ? bytes.readInt16LE() : bytes.readInt32LE();
  return op.at + 1 + by;
}

/** Which variable an operation is about. */
export function localOf(op) {
  if (op.bytes.length === 0) return Number(op.name.at(-1));
  return op.bytes.length === 1 ? op.bytes[0] : op.bytes.readUInt16LE();
}
