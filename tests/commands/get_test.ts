/** `eac get --all` of many profiles: what it reads and lists does not grow with their number. */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import type { Host } from "../../lib/host/host.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

const KEY = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const roleArn = (index: number) => `arn:aws:iam::123456789012:role/role-${index}`;

/** Files read and folders listed by `get --all`, by `get --all` from the cache, and by `clear --all`. */
async function counted(count: number): Promise<Record<string, Record<string, number>>> {
  const indexes = Array.from({ length: count }, (_, index) => index);
  using host = testHost({
    home: {
      ".aws/config": indexes.map((index) =>
        `[profile role-${index}]\nrole_arn = ${roleArn(index)}\nsource_profile = ci\n` +
        `destination_profile = role-${index}-temp\n`
      ).join("\n"),
      ".aws/credentials":
        `[ci]\naws_access_key_id = ${KEY.id}\naws_secret_access_key = ${KEY.secret}\n`,
    },
  });
  const emulator = startEmulator(host, {
    users: [{ arn: "arn:aws:iam::123456789012:user/ci", accessKeys: [KEY] }],
    roles: indexes.map((index) => ({
      arn: roleArn(index),
      trust: { principals: ["123456789012"] },
    })),
  });
  const counts: Record<string, Record<string, number>> = {};
  try {
    for (
      const [name, argv] of [
        ["cold", ["get", "--all"]],
        ["cached", ["get", "--all"]],
        ["clear", ["clear", "--all"]],
      ] as const
    ) {
      const seen: Record<string, number> = counts[name] = {};
      const note = (what: string, path: string) => {
        const key = `${what} ${path.slice(host.home.length)}`;
        seen[key] = (seen[key] ?? 0) + 1;
      };
      const at: Host = {
        ...host,
        env: { ...host.env, AWS_ENDPOINT_URL_STS: emulator.url, AWS_REGION: "us-east-1" },
        list(path) {
          note("list", path);
          return host.list(path);
        },
        readFile(path) {
          if (/[/\\](config|credentials)$/.test(path)) note("read", path);
          return host.readFile(path);
        },
      };
      assertEquals(await run(argv, at, strategies), 0, host.printed.stderr);
    }
  } finally {
    await emulator.stop();
  }
  return counts;
}

Deno.test("get --all and clear --all read files and folders no more often for 40 profiles than for 3", async () => {
  assertEquals(await counted(40), await counted(3));
});
