/** `eac process` after its parent has exited. */

import type { Host } from "../../lib/host/host.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

const CONFIG = `[profile mfa]
role_arn = arn:aws:iam::123456789012:role/Mfa
source_profile = alice
mfa_serial = arn:aws:iam::123456789012:mfa/alice
`;
const CREDENTIALS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

/** Runs `eac process mfa` at a terminal where nothing is typed, on a machine that changes. */
async function unanswered(machine: (host: Host) => Partial<Host>) {
  using host = testHost({
    home: { ".aws/config": CONFIG, ".aws/credentials": CREDENTIALS },
    typed: "",
  });
  const raw: boolean[] = [];
  const code = await run(["process", "mfa"], {
    ...host,
    deadline() {
      const soon = new AbortController();
      queueMicrotask(() => setTimeout(() => soon.abort()));
      return soon.signal;
    },
    openTerminal() {
      const device = host.openTerminal()!;
      return { ...device, read: () => new Promise(() => {}), setRaw: (on) => raw.push(on) };
    },
    ...machine(host),
  }, strategies);
  return { code, raw, stdout: host.printed.stdout };
}

Deno.test("process exits when its parent exits, and never changes the terminal's mode", async () => {
  let looks = 0;
  const { code, raw, stdout } = await unanswered(() => ({
    parentId: () => ++looks < 3 ? 4000 : 1,
  }));
  assertEquals(code, 4);
  assertEquals(raw, Deno.build.os === "windows" ? [true, false] : []);
  assertEquals(stdout.trim(), "");
});

Deno.test("process exits when nothing reads its output any more", async () => {
  let writes = 0;
  const { code } = await unanswered(() => ({
    parentId: () => 4000,
    stdout: {
      isTerminal: false,
      write: () => void writes++,
      get isOpen() {
        return writes < 3;
      },
    },
  }));
  assertEquals([code, writes], [4, 3]);
});
