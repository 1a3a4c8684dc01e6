/** Programs on PATH, as a shell finds them. */

import { findProgram } from "../../lib/config/find_program.ts";
import type { FileInfo, Os } from "../../lib/host/host.ts";
import { assertEquals } from "../support/assert.ts";

/** Finds a program where these files are; a folder's path ends in a slash, a refused one's in `?`. */
function find(name: string, files: Record<string, number>, env = {}, os: Os = "linux") {
  const stat = (path: string): FileInfo | undefined => {
    if (path.startsWith("/refused/")) throw new Error("permission denied");
    const kind = files[path] === undefined ? "folder" : "file";
    const mode = files[path] ?? files[`${path}/`];
    return mode === undefined
      ? undefined
      : { kind, mode, size: 1, mtime: 0, uid: 0, gid: 0, readOnly: false };
  };
  return findProgram({ env: { PATH: "/refused:/a:/b", ...env }, os, stat }, name);
}

Deno.test("a program is the first executable file of that name on PATH", () => {
  assertEquals(find("aws", { "/a/aws": 0o755, "/b/aws": 0o755 }), "/a/aws");
  assertEquals(find("aws", { "/a/aws": 0o644, "/b/aws": 0o001 }), "/b/aws");
  assertEquals(find("aws", { "/a/aws/": 0o755, "/b/aws": 0o755 }), "/b/aws");
  assertEquals(find("aws", { "/a/aws/": 0o755 }), undefined);
  assertEquals(find("aws", { "/c/aws": 0o755 }), undefined);
  assertEquals(find("aws", { "/a/aws": 0o755 }, { PATH: undefined }), undefined);
  assertEquals(find("", { "/a/": 0o755, "/a": 0o755 }), undefined);
});

Deno.test("a program with a path is not looked for on PATH", () => {
  assertEquals(find("/c/aws", { "/c/aws": 0o755 }), "/c/aws");
  assertEquals(find("./aws", { "./aws": 0o755, "/a/./aws": 0o755 }), "./aws");
  assertEquals(find("./aws", { "/a/./aws": 0o755, "/a/aws": 0o755 }), undefined);
});

Deno.test("on Windows PATHEXT completes a name without an ending", () => {
  const env = { PATH: "C:\\a;C:\\b", PATHEXT: ".EXE;.CMD" };
  const at = (name: string, ...files: string[]) =>
    find(name, Object.fromEntries(files.map((file) => [file, 0])), env, "windows");
  assertEquals(at("aws", "C:\\b\\aws.CMD"), "C:\\b\\aws.CMD");
  assertEquals(at("aws", "C:\\a\\aws", "C:\\b\\aws.EXE"), "C:\\b\\aws.EXE");
  assertEquals(at("aws.exe", "C:\\b\\aws.exe"), "C:\\b\\aws.exe");
  assertEquals(at("aws", "C:\\a\\aws"), undefined);
  assertEquals(at("c\\aws", "c\\aws.EXE", "C:\\a\\c\\aws.EXE"), "c\\aws.EXE");
});
