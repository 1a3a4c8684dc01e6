/**
 * A disk in memory, with the operations of the Host. Paths are POSIX paths.
 *
 * @module
 */

import type { FileInfo } from "../../lib/host/host.ts";

/** The content and attributes of a file, whatever its name: an open file keeps its inode. */
export interface Inode {
  bytes: Uint8Array;
  mode: number;
  mtime: number;
}

/** Makes an error of a file operation, as the program under test expects it. */
export type MakeError = (message: string) => Error;

/** Files by path; folders exist once something is in them. */
export class Disk {
  readonly files = new Map<string, Inode>();
  readonly folders = new Set<string>(["/"]);

  constructor(readonly now: () => number, readonly makeError: MakeError) {}

  read(path: string): Uint8Array | undefined {
    return this.files.get(path)?.bytes.slice();
  }

  text(path: string): string | undefined {
    const inode = this.files.get(path);
    return inode && new TextDecoder().decode(inode.bytes);
  }

  write(path: string, text: string | Uint8Array, mode = 0o600): Inode {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text.slice();
    const inode = { bytes, mode, mtime: this.now() };
    this.makeFolder(path.replace(/\/[^/]*$/, ""));
    this.files.set(path, inode);
    return inode;
  }

  create(path: string, bytes: Uint8Array, mode: number): void {
    if (this.files.has(path)) throw this.makeError(`cannot create ${path}: it exists already`);
    if (!this.folders.has(path.replace(/\/[^/]*$/, ""))) {
      throw this.makeError(`cannot create ${path}: no such file or folder`);
    }
    this.write(path, bytes, mode);
  }

  append(path: string, bytes: Uint8Array): void {
    const inode = this.files.get(path) ?? this.write(path, "");
    inode.bytes = Uint8Array.from([...inode.bytes, ...bytes]);
    inode.mtime = this.now();
  }

  rename(from: string, to: string): void {
    const inode = this.files.get(from);
    if (inode === undefined) throw this.makeError(`cannot replace ${to}: no such file or folder`);
    this.files.delete(from);
    this.files.set(to, inode);
  }

  remove(path: string): void {
    this.files.delete(path);
  }

  stat(path: string): FileInfo | undefined {
    const inode = this.files.get(path);
    const kind = inode ? "file" : this.folders.has(path) ? "folder" : undefined;
    if (kind === undefined) return undefined;
    const { mode, mtime } = inode ?? { mode: 0o700, mtime: 0 };
    const readOnly = (mode & 0o200) === 0;
    return { kind, size: inode?.bytes.length ?? 0, mtime, mode, readOnly, uid: 1000, gid: 1000 };
  }

  list(folder: string): string[] {
    const prefix = `${folder}/`;
    const names = [...this.files.keys(), ...this.folders]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length).split("/")[0]!);
    return [...new Set(names)].filter((name) => name !== "").sort();
  }

  makeFolder(path: string): void {
    for (let at = path; at !== ""; at = at.replace(/\/[^/]*$/, "")) this.folders.add(at);
  }
}
