import type { LogFiles, LogSink } from "../../src/host.ts";
import type { FakeHost } from "./host.ts";

/** Files are lists of lines. */
export class FakeLogs implements LogFiles {
  readonly paths = ["", "", ""];
  readonly files = new Map<string, string[]>();
  /** The host has files. */
  there = true;

  constructor(private readonly host: FakeHost) {}

  open(sink: LogSink, path: string, _files: number, _lines: number, mark: string): string {
    if (path !== "" && !this.there) return "There are no files here.";
    if (path !== "" && !path.startsWith("/") && !path.startsWith("syslog:")) return "File not accessible.";
    this.paths[sink] = path;
    const file = this.files.get(path) ?? [];
    if (path !== "") this.files.set(path, file);
    if (mark !== "" && path !== "") file.push(mark);
    return "";
  }

  write(sink: LogSink, line: string): void {
    const path = this.paths[sink] as string;
    if (path === "") this.host.log(line);
    else this.files.get(path)?.push(line);
  }
}
