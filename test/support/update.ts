import type { Update } from "../../src/host.ts";

/** The exchange of programs: files are strings, and every program file is good that says so. */
export class FakeUpdate implements Update {
  chunks: string[] = [];
  file_ = "";
  size = 0;
  /** Options of the exchange that was asked for; undefined: none was. */
  wanted: readonly string[] | null | undefined = undefined;
  readonly files = new Map<string, string>();

  begin(size: number): boolean {
    this.size = size;
    this.file_ = "";
    return size < 1 << 20;
  }

  data(bytes: string): boolean {
    this.file_ += bytes;
    return this.file_.length <= this.size;
  }

  file(path: string): string {
    const file = this.files.get(path);
    if (file === undefined) return "File not accessible.";
    this.file_ = file;
    this.size = file.length;
    return "";
  }

  check(): string {
    if (this.file_.length < this.size) return "Kernel not complete.";
    return this.file_.startsWith("program") ? "" : "not a program file";
  }

  foreign(): number {
    return this.file_.startsWith("program of C xenstored") ? 2 : 0;
  }

  abort(): void {
    this.file_ = "";
    this.size = 0;
  }

  go(options: readonly string[] | null): void {
    this.wanted = options;
  }

  save(chunk: string): void {
    this.chunks.push(chunk);
  }

  write(path: string): string {
    this.files.set(path, this.chunks.join(""));
    this.chunks = [];
    return path.startsWith("/") ? "" : "File not accessible.";
  }

  private held = "";

  keep(): number {
    this.held = this.chunks.join("");
    this.chunks = [];
    return this.held.length;
  }

  kept(offset: number, room: number): string {
    return this.held.slice(offset, offset + room);
  }

  discard(): void {
    this.chunks = [];
  }

  drop(): void {
    this.held = "";
    this.chunks = [];
  }

  restore(): string | null {
    return this.chunks.shift() ?? null;
  }
}
