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
  /** Where what is not read yet starts in `text`. */
  private start = 0;
  /** Where the body of the present record starts, and where it ends. */
  private at = 0;
  private end = 0;
  type: number = RecordType.end;

  /** `more` gives the next chunk; null: there is none. */
  constructor(private readonly more: () => string | null) {}

  /** Reads the preamble. A text is what is wrong with it; "": nothing. */
  begin(): string {
    const size = PREAMBLE.length;
    if (!this.fill(size) || this.text.slice(0, IDENT.length) !== IDENT) return "not a state stream";
    const version = this.text.charCodeAt(11);
    if (this.text.slice(8, 11) !== "\0\0\0" || version < 1 || version > 2) return "a state stream of another version";
    if (this.text.charCodeAt(15) & 1) return "a big-endian state stream";
    this.start = size;
    return "";
  }

  /** Goes to the next record, whose type is in `type`. False: the stream ends in the middle. */
  next(): boolean {
    if (!this.fill(HEADER)) return false;
    // Written out: there is one of these for each node of the store.
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

  get length(): number {
    return this.end - this.at;
  }

  /** 0 beyond what is there. */
  u8(offset: number): number {
    return this.text.charCodeAt(this.at + offset) | 0;
  }

  u16(offset: number): number {
    const i = this.at + offset;
    return this.text.charCodeAt(i) | (this.text.charCodeAt(i + 1) << 8);
  }

  u32(offset: number): number {
    return (this.u16(offset) | (this.u16(offset + 2) << 16)) >>> 0;
  }

  /** Bytes of the body; fewer where it ends before. */
  bytes(offset: number, length: number): string {
    const start = this.at + offset;
    return this.text.slice(start, Math.min(start + length, this.end));
  }

  /** Whether so many bytes are there that are not read yet. */
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
