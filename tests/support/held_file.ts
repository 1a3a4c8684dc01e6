/**
 * A file that another program holds open, as editors, virus scanners and sync clients do on Windows.
 *
 * @module
 */

const GENERIC_READ = 0x80000000;
const FILE_SHARE_READ = 1;
const OPEN_EXISTING = 3;

/**
 * Holds a file open until it is disposed of.
 *
 * @param sharing what other programs may do meanwhile: read the file, or nothing
 */
export function holdFile(path: string, sharing: "read" | "nothing"): Disposable {
  const kernel = Deno.dlopen("kernel32.dll", {
    CreateFileW: {
      parameters: ["buffer", "u32", "u32", "pointer", "u32", "u32", "pointer"],
      result: "pointer",
    },
    CloseHandle: { parameters: ["pointer"], result: "i32" },
  });
  const share = sharing === "read" ? FILE_SHARE_READ : 0;
  const units = Uint16Array.from(`${path}\0`, (unit) => unit.charCodeAt(0));
  const handle = kernel.symbols.CreateFileW(
    new Uint8Array(units.buffer),
    GENERIC_READ,
    share,
    null,
    OPEN_EXISTING,
    0,
    null,
  );
  if (Deno.UnsafePointer.value(handle) === 0xffffffffffffffffn) {
    kernel.close();
    throw new Error(`cannot hold ${path}`);
  }
  return {
    [Symbol.dispose]() {
      kernel.symbols.CloseHandle(handle);
      kernel.close();
    },
  };
}
