/**
 * Records of Xen's migration stream for xenstore (docs/designs/xenstore-migration.md), version 2,
 * little-endian: type u32, length u32, body, zeros up to a multiple of 8. The length includes the zeros.
 */
export const enum RecordType {
  end = 0,
  global = 1,
  connection = 2,
  watch = 3,
  transaction = 4,
  node = 5,
  globalQuota = 6,
  domain = 7,
  watchDepth = 8,
  /** This project's own type: JSON of what no other record holds. Other readers skip it. */
  own = 0x5354_5358,
}

const fromCodes = String.fromCharCode;

const IDENT = "xenstore";
/** The stream's header: identifier, version, no flags. */
export function preamble(version: number): string {
  return `${IDENT}\0\0\0${fromCodes(version)}\0\0\0\0`;
}
const PREAMBLE_SIZE = 16;
const HEADER = 8;
/** The longest record accepted; a longer one means that the stream is damaged. */
const RECORD_MAX = 1 << 28;

/** Two bytes, little-endian. */
export function u16(n: number): string {
  return fromCodes(n & 255, (n >> 8) & 255);
}

/** Four bytes, little-endian. */
export function u32(n: number): string {
  return fromCodes(n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24);
}

const zeros = ["", "\0", "\0\0", "\0\0\0", "\0\0\0\0", "\0\0\0\0\0", "\0\0\0\0\0\0", "\0\0\0\0\0\0\0"];

/** A whole record with its header and padding. */
export function record(type: RecordType, body: string): string {
  const pad = -body.length & 7;
  return u32(type) + u32(body.length + pad) + body + zeros[pad];
}

/** Reads records one by one from chunks, which can end anywhere. */
export class Reader {
  private text = "";
  /** Where the next record starts in `text`. */
  private start = 0;
  /** Start and end of the current record's body. */
  private at = 0;
  private end = 0;
  type: number = RecordType.end;

  /** `more` returns the next chunk; null: the end. */
  constructor(private readonly more: () => string | null) {}

  /** Reads the preamble. Returns "", or what is wrong with it. */
  begin(): string {
    const size = PREAMBLE_SIZE;
    if (!this.fill(size) || this.text.slice(0, IDENT.length) !== IDENT) return "not a state stream";
    const version = this.text.charCodeAt(11);
    if (this.text.slice(8, 11) !== "\0\0\0" || version < 1 || version > 2) return "a state stream of another version";
    if (this.text.charCodeAt(15) & 1) return "a big-endian state stream";
    this.start = size;
    return "";
  }

  /** Goes to the next record and sets `type`. False: the stream is truncated or damaged. */
  next(): boolean {
    if (!this.fill(HEADER)) return false;
    // Without calls, for speed: each node of the store has a record.
    const { text, start: i } = this;
    this.type =
      (text.charCodeAt(i) |
        (text.charCodeAt(i + 1) << 8) |
        (text.charCodeAt(i + 2) << 16) |
        (text.charCodeAt(i + 3) << 24)) >>>
      0;
    const length =
      (text.charCodeAt(i + 4) |
        (text.charCodeAt(i + 5) << 8) |
        (text.charCodeAt(i + 6) << 16) |
        (text.charCodeAt(i + 7) << 24)) >>>
      0;
    if (length > RECORD_MAX || !this.fill(HEADER + length)) return false;
    this.at = this.start + HEADER;
    this.end = this.start = this.at + length;
    return true;
  }

  /** Length of the body in bytes, with its padding. */
  get length(): number {
    return this.end - this.at;
  }

  u16(offset: number): number {
    const i = this.at + offset;
    return this.text.charCodeAt(i) | (this.text.charCodeAt(i + 1) << 8);
  }

  u32(offset: number): number {
    return (this.u16(offset) | (this.u16(offset + 2) << 16)) >>> 0;
  }

  /** Bytes of the body; fewer if it ends before. */
  bytes(offset: number, length: number): string {
    const start = this.at + offset;
    return this.text.slice(start, Math.min(start + length, this.end));
  }

  /** Reads chunks until `length` unread bytes are available. False: the stream ends before. */
  private fill(length: number): boolean {
    while (this.text.length - this.start < length) {
      const chunk = this.more();
      if (chunk === null) return false;
      this.text = this.text.slice(this.start) + chunk;
      this.start = 0;
    }
    return true;
  }
}
