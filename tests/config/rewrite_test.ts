/** rewriteFile: how shared files change, also when something fails. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "../support/assert.ts";
import type { EditableIni } from "../../lib/config/ini_edit.ts";
import {
  checkWritable,
  rewriteFile,
  type RewriteHost,
  sweepTempFiles,
} from "../../lib/config/rewrite.ts";
import { EacError } from "../../lib/errors.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import { posixTest } from "../support/posix.ts";

const windows = Deno.build.os === "windows";
const FILE = ".aws/credentials";
const KEPT = "# mine\n[work]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n";

/** A machine with that file; `changes` overrides parts of the Host. */
function machine(
  text: string | undefined,
  changes: (host: TestHost, path: string) => Partial<RewriteHost> = () => ({}),
) {
  const test = testHost(text === undefined ? {} : { home: { [FILE]: text } });
  const path = test.path(FILE);
  const host: RewriteHost = { ...test, ...changes(test, path) };
  return { test, host, path, [Symbol.dispose]: () => test.dispose() };
}

const setRegion = (document: EditableIni) => document.setProperty("new", "region", "eu-west-1");

/** The names next to the file, to check that no temp file is left. */
function names(test: TestHost): string[] {
  return test.list(test.path(".aws")).filter((name) => name !== "eac");
}

Deno.test("rewriteFile creates a private file and its folder", async () => {
  using one = machine(undefined);
  assertEquals(await rewriteFile(one.host, one.path, setRegion), true);
  assertEquals(one.test.text(FILE), "[new]\nregion = eu-west-1\n");
  assertEquals(names(one.test), ["credentials"]);
  if (windows) return;
  assertEquals(one.test.stat(one.path)?.mode, 0o600);
  assertEquals(one.test.stat(one.test.path(".aws"))?.mode, 0o700);
});

posixTest("no file modes", "rewriteFile keeps the mode of a file", async () => {
  using one = machine(KEPT);
  one.test.setMode(one.path, 0o640);
  await rewriteFile(one.host, one.path, setRegion);
  assertEquals(one.test.stat(one.path)?.mode, 0o640);
  assertEquals(one.test.text(FILE), KEPT + "[new]\nregion = eu-west-1\n");
});

Deno.test("rewriteFile does not let another group read the file", async () => {
  const chowned: unknown[] = [];
  using one = machine(KEPT, (test, path) => ({
    stat: (file) => {
      const info = test.stat(file);
      return info && { ...info, uid: 1, gid: file === path ? 7 : 8, mode: 0o640 };
    },
    setOwner: (_file, uid, gid) => {
      chowned.push([uid, gid]);
      throw new EacError("io", "permission denied");
    },
    setMode: (_file, mode) => void chowned.push(mode),
  }));
  await rewriteFile(one.host, one.path, setRegion);
  assertEquals(chowned, [[1, 7], 0o600]);
});

Deno.test("rewriteFile does not replace a file whose owner it cannot preserve", async () => {
  using one = machine(KEPT, (test, path) => ({
    stat: (file) => {
      const info = test.stat(file);
      return info && { ...info, uid: file === path ? 1 : 2, gid: 7, mode: 0o600 };
    },
    setOwner: () => {
      throw new EacError("io", "permission denied");
    },
  }));
  const error = await assertRejects(() => rewriteFile(one.host, one.path, setRegion), EacError);
  assertEquals(error.code, "io");
  assertEquals([one.test.text(FILE), names(one.test)], [KEPT, ["credentials"]]);
});

Deno.test("rewriteFile writes nothing when nothing changes", async () => {
  using one = machine(KEPT, () => ({
    createFile: () => {
      throw new Error("nothing is to be written");
    },
  }));
  const same = (document: EditableIni) =>
    document.setProperty("work", "aws_access_key_id", "AKIAIOSFODNN7EXAMPLE");
  assertEquals(await rewriteFile(one.host, one.path, same), false);
});

posixTest(
  "links need privileges",
  "rewriteFile writes through symbolic links, also dangling ones",
  async () => {
    using one = machine(undefined);
    const home = one.test.home;
    Deno.mkdirSync(`${home}/.aws`);
    Deno.symlinkSync("../dotfiles/link", one.path);
    Deno.mkdirSync(`${home}/dotfiles`);
    Deno.symlinkSync("private/credentials", `${home}/dotfiles/link`);

    await rewriteFile(one.host, one.path, setRegion);
    assertEquals(one.test.text("dotfiles/private/credentials"), "[new]\nregion = eu-west-1\n");
    assertEquals(one.test.stat(`${home}/dotfiles/private/credentials`)?.mode, 0o600);

    await rewriteFile(one.host, one.path, (document) => document.removeSection("new"));
    assertEquals(one.test.text("dotfiles/private/credentials"), "");
    assertEquals(one.test.readLink(one.path), "../dotfiles/link");
    assertEquals(one.test.readLink(`${home}/dotfiles/link`), "private/credentials");
  },
);

Deno.test("rewriteFile changes nothing and releases the lock when the edit fails", async () => {
  using one = machine(KEPT);
  const refused = (document: EditableIni) => {
    setRegion(document);
    document.setProperty("new", "region", "two\nlines");
  };
  await assertRejects(() => rewriteFile(one.host, one.path, refused), EacError, "newline");
  assertEquals(one.test.text(FILE), KEPT);
  assertEquals(await rewriteFile(one.host, one.path, setRegion), true);
});

Deno.test("rewriteFile names the file and line that it cannot parse, and does not change the file", async () => {
  using one = machine("[work]\nregion\n");
  const error = await assertRejects(() => rewriteFile(one.host, one.path, setRegion), EacError);
  assertEquals([error.code, error.place], ["config_invalid", { file: one.path, line: 2 }]);
  assertEquals(one.test.text(FILE), "[work]\nregion\n");
});

for (const operation of ["createFile", "rename", ...windows ? [] : ["setMode"]]) {
  Deno.test(`rewriteFile leaves the file unchanged and no temp file when ${operation} fails`, async () => {
    using one = machine(KEPT, (test) => ({
      createFile: (path, bytes, mode) => test.createFile(path, bytes, mode & 0o400),
      [operation]: () => {
        throw new EacError("io", `cannot ${operation}: the disk is full`, { hint: "free some" });
      },
    }));
    const error = await assertRejects(() => rewriteFile(one.host, one.path, setRegion), EacError);
    assertEquals([error.code, error.hint], ["io", "free some"]);
    assertStringIncludes(error.message, "the disk is full");
    assertStringIncludes(error.message, "credentials is unchanged");
    assertEquals([one.test.text(FILE), names(one.test)], [KEPT, ["credentials"]]);
  });
}

Deno.test("rewriteFile starts over when another program writes the file meanwhile", async () => {
  let others = 2;
  using one = machine(KEPT, (test) => ({
    createFile: (path, bytes, mode) => {
      test.createFile(path, bytes, mode);
      if (others-- > 0) test.write(FILE, `${test.text(FILE)}# note ${others}\n`);
    },
  }));
  await rewriteFile(one.host, one.path, setRegion);
  assertEquals(one.test.text(FILE), `${KEPT}# note 1\n# note 0\n[new]\nregion = eu-west-1\n`);
  assertEquals(names(one.test), ["credentials"]);
});

Deno.test("rewriteFile notices a file that another program created or removed meanwhile", async () => {
  using one = machine(undefined, (test) => ({
    createFile: (path, bytes, mode) => {
      test.createFile(path, bytes, mode);
      if (test.text(FILE) === undefined) test.write(FILE, KEPT);
    },
  }));
  await rewriteFile(one.host, one.path, setRegion);
  assertEquals(one.test.text(FILE), `${KEPT}[new]\nregion = eu-west-1\n`);
});

Deno.test("rewriteFile gives up on a file that another program keeps writing", async () => {
  let writes = 0;
  using one = machine(KEPT, (test) => ({
    createFile: (path, bytes, mode) => {
      test.createFile(path, bytes, mode);
      test.write(FILE, `# ${writes++}\n`);
    },
  }));
  const error = await assertRejects(() => rewriteFile(one.host, one.path, setRegion), EacError);
  assertEquals(error.code, "io");
  assertEquals([one.test.text(FILE), names(one.test)], [`# ${writes - 1}\n`, ["credentials"]]);
});

Deno.test("rewriteFile waits for the lock, but not forever", async () => {
  using one = machine(KEPT, () => ({ deadline: (wait) => AbortSignal.timeout(wait) }));
  const begun = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const first = rewriteFile(one.host, one.path, async (document) => {
    begun.resolve();
    await held.promise;
    document.setProperty("first", "region", "eu-west-1");
  });
  await begun.promise;
  const error = await assertRejects(
    () => rewriteFile(one.host, one.path, setRegion, { wait: 20 }),
    EacError,
  );
  assertEquals(error.code, "io");
  assertStringIncludes(error.message, "another eac");
  assertStringIncludes(error.hint ?? "", "locks");
  const second = rewriteFile(one.host, one.path, setRegion);
  held.resolve();
  await Promise.all([first, second]);
  assertEquals(
    one.test.text(FILE),
    `${KEPT}[first]\nregion = eu-west-1\n[new]\nregion = eu-west-1\n`,
  );
});

/** Temp files, of any age, that killed processes left; and files that only look like them. */
function leaveTempFiles(test: TestHost): void {
  const ages = {
    ".credentials.eac-0a1b2c3d.tmp": 7 * 86_400_000,
    ".credentials.eac-4e5f6071.tmp": 1000,
    // Written before the clock was set back.
    ".credentials.eac-8293a4b5.tmp": -3_600_000,
    ".credentials.tmp": 61_000,
    ".credentials.eac-backup": 61_000,
  };
  for (const [name, age] of Object.entries(ages)) {
    test.write(`.aws/${name}`, "half a fi");
    const time = new Date(test.time - age);
    Deno.utimeSync(test.path(`.aws/${name}`), time, time);
  }
}

const FOREIGN = [".credentials.eac-backup", ".credentials.tmp", "credentials"];

Deno.test("rewriteFile removes temp files of killed processes, whatever their age, and nothing else", async () => {
  for (const edit of [setRegion, () => {}]) {
    using one = machine(KEPT);
    leaveTempFiles(one.test);
    await rewriteFile(one.host, one.path, edit);
    assertEquals(names(one.test), FOREIGN);
  }
});

Deno.test("sweepTempFiles removes temp files of killed processes, but not while one writes", async () => {
  using one = machine(KEPT);
  leaveTempFiles(one.test);
  const files = { credentials: one.path, config: one.test.path(".aws/config") };
  await rewriteFile(one.host, one.path, async () => {
    one.test.write(".aws/.credentials.eac-aaaaaaaa.tmp", "being written");
    await sweepTempFiles({ ...one.host, deadline: () => AbortSignal.abort() }, files);
    assertEquals(names(one.test), [".credentials.eac-aaaaaaaa.tmp", ...FOREIGN]);
  });
  await sweepTempFiles(one.host, files);
  assertEquals(names(one.test), FOREIGN);
  assertEquals(one.test.text(FILE), KEPT);
});

Deno.test("checkWritable changes nothing, and fails where rewriteFile would", async () => {
  using one = machine(KEPT);
  await checkWritable(one.host, one.path);
  assertEquals([one.test.text(FILE), names(one.test)], [KEPT, ["credentials"]]);
  const full = {
    ...one.host,
    createFile: () => {
      throw new EacError("io", "the disk is full");
    },
  };
  await assertRejects(() => checkWritable(full, one.path), EacError, "the disk is full");
  Deno.chmodSync(one.path, 0o400); // on Windows, the read-only attribute
  await assertRejects(() => checkWritable(one.host, one.path), EacError, "read-only");
  assertEquals(names(one.test), ["credentials"]);
});

Deno.test("rewriteFile does not replace a device or a folder with a file", async () => {
  for (const kind of ["other", "folder"] as const) {
    using one = machine(KEPT, (test) => ({
      stat: (path) => ({ ...test.stat(path)!, kind }),
    }));
    const error = await assertRejects(() => rewriteFile(one.host, one.path, setRegion), EacError);
    assertEquals(error.code, "io");
    assertEquals(one.test.text(FILE), KEPT);
  }
});

Deno.test("rewriteFile loses nothing when many processes write at once", async () => {
  using one = machine(KEPT);
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const program = (writer: number) => `
    import { rewriteFile } from ${url("../../lib/config/rewrite.ts")};
    import { realHost } from ${url("../../lib/host/real.ts")};
    for (let i = 0; i < 10; i++) {
      await rewriteFile(realHost(), ${JSON.stringify(one.path)}, (document) =>
        document.setProperty("w${writer}-" + i, "region", "eu-west-1"));
    }`;
  const writers = [1, 2, 3].map((writer) =>
    new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", "--ext=ts", program(writer)],
      env: { EAC_HOME: one.test.path("eac") },
    }).output()
  );
  for (const { code, stderr } of await Promise.all(writers)) {
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  }
  const text = one.test.text(FILE)!;
  assert(text.startsWith(KEPT));
  assertEquals(text.match(/^\[w\d-\d\]\nregion = eu-west-1$/gm)?.length, 30);
});

const SEEN = new TextEncoder().encode(KEPT);

/** An editor that truncates the file now, and writes `left` after this many reads. */
function halfWritten(reads: number, left: string) {
  return (test: TestHost, path: string): Partial<RewriteHost> => {
    let count = 0;
    return {
      readFile(file) {
        if (file === path && ++count === reads) test.write(FILE, left);
        return test.readFile(file);
      },
    };
  };
}

for (const cut of ["", "# mine\n", KEPT.slice(0, -8), "# mine\n[wo"]) {
  Deno.test(`rewriteFile waits until an editor has written the whole file: ${JSON.stringify(cut)}`, async () => {
    using one = machine(cut, halfWritten(5, `${KEPT}# edited\n`));
    assertEquals(await rewriteFile(one.host, one.path, setRegion, { seen: SEEN }), true);
    assertEquals(one.test.text(FILE), `${KEPT}# edited\n[new]\nregion = eu-west-1\n`);
  });

  Deno.test(`rewriteFile refuses a file that stays truncated: ${JSON.stringify(cut)}`, async () => {
    using one = machine(cut);
    const began = one.test.time;
    const error = await assertRejects(
      () => rewriteFile(one.host, one.path, setRegion, { seen: SEEN }),
      EacError,
    );
    assertStringIncludes(error.message + error.place?.file, one.path);
    assertEquals(one.test.text(FILE), cut);
    assert(one.test.time - began <= 3000, "it waits for a bounded time");
  });
}

Deno.test("rewriteFile waits for a file that is briefly missing", async () => {
  using one = machine(undefined, halfWritten(3, KEPT));
  await rewriteFile(one.host, one.path, setRegion, { seen: SEEN });
  assertEquals(one.test.text(FILE), `${KEPT}[new]\nregion = eu-west-1\n`);
});

for (const cut of ["", KEPT.trimEnd()]) {
  Deno.test(`rewriteFile waits for a file that was truncated when the run began: ${JSON.stringify(cut)}`, async () => {
    using one = machine(cut, halfWritten(4, KEPT));
    one.test.time = Date.now() + 100;
    await rewriteFile(one.host, one.path, setRegion, { seen: new TextEncoder().encode(cut) });
    assertEquals(one.test.text(FILE), `${KEPT}[new]\nregion = eu-west-1\n`);
  });
}

Deno.test("rewriteFile does not wait for an empty file that is older than a second", async () => {
  using one = machine("");
  one.test.time = Date.now() + 5000;
  const began = one.test.time;
  await rewriteFile(one.host, one.path, setRegion, { seen: new Uint8Array() });
  assertEquals(one.test.time, began);
});

Deno.test("rewriteFile repeats an edit that was lost because its lock file was removed", async () => {
  let rivals = 3;
  using one = machine(KEPT, (test) => ({
    lock: async (path, signal) => {
      const lock = await test.lock(path, signal);
      return lock && {
        ...lock,
        isHeld() {
          const held = rivals <= 0;
          // Another process that got a lock on the new file, and replaces what was written.
          if (!held && test.text(FILE) !== KEPT && rivals-- > 0) test.write(FILE, `${KEPT}# x\n`);
          return held;
        },
      };
    },
  }));
  assertEquals(await rewriteFile(one.host, one.path, setRegion), true);
  assertEquals(one.test.text(FILE), `${KEPT}# x\n[new]\nregion = eu-west-1\n`);
});

Deno.test("rewriteFile edits once if its lock file was removed but nothing else wrote", async () => {
  let edits = 0;
  let held = false;
  using one = machine(KEPT, (test) => ({
    lock: async (path, signal) => {
      const lock = await test.lock(path, signal);
      return lock && { ...lock, isHeld: () => held };
    },
  }));
  const written = await rewriteFile(one.host, one.path, (document) => {
    edits++;
    setRegion(document);
    if (edits > 1) held = true;
  });
  assertEquals([written, edits], [true, 1]);
});
