// Operands of operations.

export const u16 = (op) => op.bytes.readUInt16LE();

/** The atom of a property's name, as an expression in C. */
export const nameOf = (op) => `get_u32(code + ${op.at + 1})`;

/** The position of a jump's target. */
export function target(op) {
  const { bytes } = op;
  const by = bytes.length === 1 ? bytes.readInt8() : bytes.length === 2 ? bytes.readInt16LE() : bytes.readInt32LE();
  return op.at + 1 + by;
}

/** The number of the variable or argument that an operation reads or writes. */
export function localOf(op) {
  if (op.bytes.length === 0) return Number(op.name.at(-1));
  return op.bytes.length === 1 ? op.bytes[0] : op.bytes.readUInt16LE();
}
