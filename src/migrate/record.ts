/**
 * The records of Xen's migration stream for xenstore (docs/designs/xenstore-migration.md), little-endian, version 2:
 * type u32, length u32, body, zeros up to a multiple of 8, which the length counts.
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
  /** This project's own: JSON of what no other record has a place for. Others skip what they do not know. */
  own = 0x5354_5358,
}

const IDENT = "xenstore";
export const PREAMBLE = `${IDENT}\0\0\0\x02\0\0\0\0`;
const HEADER = 8;
/** No record of ours comes near; a longer one is damaged. */
const RECORD_MAX = 1 << 28;

const fromCodes = String.fromCharCode;

export function u16(n: number): string {
  return fromCodes(n & 255, (n >> 8) & 255);
}

export function u32(n: number): string {
  return fromCodes(n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24);
}

const zeros = ["", "\0", "\0\0", "\0\0\0", "\0\0\0\0", "\0\0\0\0\0", "\0\0\0\0\0\0", "\0\0\0\0\0\0\0"];

export function record(type: RecordType, body: string): string {
  const pad = -body.length & 7;
  return u32(type) + u32(body.length + pad) + body + zeros[pad];
}

/** Reads records one by one out of chunks that end wherever they end. */
export class Reader {
  private text = "";
  /** Where the body of the present record starts. */
  private at = 0;
  private end = 0;
  type: number = RecordType.end;

  /** `more` gives the next chunk; null: there is none. */
  constructor(private readonly more: () => string | null) {}

  /** Reads the preamble. A text is what is wrong with it; "": nothing. */
  begin(): string {
    if (!this.fill(PREAMBLE.length) || this.text.slice(0, IDENT.length) !== IDENT) return "not a state stream";
    const version = this.text.charCodeAt(11);
    if (this.text.slice(8, 11) !== "\0\0\0" || version < 1 || version > 2) return "a state stream of another version";
    if (this.text.charCodeAt(15) & 1) return "a big-endian state stream";
    this.end = PREAMBLE.length;
    return "";
  }

  /** Goes to the next record, whose type is in `type`. False: the stream ends in the middle. */
  next(): boolean {
    this.text = this.text.slice(this.end);
    this.at = HEADER;
    this.end = 0;
    if (!this.fill(HEADER)) return false;
    this.type = this.raw32(0);
    const length = this.raw32(4);
    if (length > RECORD_MAX || !this.fill(HEADER + length)) return false;
    this.end = HEADER + length;
    return true;
  }

  get length(): number {
    return this.end - this.at;
  }

  u8(offset: number): number {
    return offset < this.length ? this.text.charCodeAt(this.at + offset) : 0;
  }

  u16(offset: number): number {
    return this.u8(offset) | (this.u8(offset + 1) << 8);
  }

  u32(offset: number): number {
    return (this.u16(offset) | (this.u16(offset + 2) << 16)) >>> 0;
  }

  /** Bytes of the body; fewer where it ends before. */
  bytes(offset: number, length: number): string {
    const start = this.at + offset;
    return this.text.slice(start, Math.min(start + length, this.end));
  }

  private raw32(at: number): number {
    const { text } = this;
    const low = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8);
    return (low | (text.charCodeAt(at + 2) << 16) | (text.charCodeAt(at + 3) << 24)) >>> 0;
  }

  private fill(length: number): boolean {
    while (this.text.length < length) {
      const chunk = this.more();
      if (chunk === null) return false;
      this.text += chunk;
    }
    return true;
  }
}
