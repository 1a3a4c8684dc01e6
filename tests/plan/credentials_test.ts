import { parseTimestamp, Secret, toTimestamp } from "../../lib/plan/credentials.ts";
import { assert, assertEquals } from "../support/assert.ts";

const WORD = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

Deno.test("a Secret is never printed, alone or nested", async () => {
  const { inspect, format } = await import("node:util");
  const secret = new Secret(WORD);
  const inside = { credentials: [{ secretAccessKey: secret }], map: new Map([["a", secret]]) };
  const shown = [
    `${secret}`,
    "" + secret,
    String(secret),
    JSON.stringify(inside),
    Deno.inspect(inside, { depth: 10, showHidden: true }),
    inspect(inside, { depth: 10, showHidden: true }),
    format("%s %o %O %j", secret, secret, secret, secret),
    new Error("broken", { cause: inside }).toString(),
    Deno.inspect(new Error("broken", { cause: inside })),
    [secret].join(),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(structuredClone({ ...secret })),
  ];
  for (const text of shown) assert(!text.includes(WORD), text);
  assertEquals(`${secret}`, "***");
  assertEquals(secret.reveal(), WORD);
});

const NOON = Date.UTC(2026, 10, 23, 12);

const TIMES: readonly (readonly [text: string, time: number | undefined])[] = [
  ["2026-11-23T12:00:00Z", NOON],
  ["2026-11-23T12:00:00UTC", NOON],
  ["2026-11-23 12:00:00 UTC", NOON],
  ["2026-11-23T12:00:00+00:00", NOON],
  ["2026-11-23T13:00:00+0100", NOON],
  ["2026-11-23T06:30:00-05:30", NOON],
  ["2026-11-23t12:00:00z", NOON],
  ["2026-11-23T12:00:00.5Z", NOON + 500],
  ["2026-11-23T12:00:00.123456789Z", NOON + 123],
  [" 2026-11-23T12:00:00Z\n", NOON],
  ["20261123T120000Z", NOON],
  ["20261123T1200Z", NOON],
  ["20261123120000Z", NOON],
  ["20261123 130000.5+0100", NOON + 500],
  ["2026-11-23T120000Z", NOON],
  ["20261123T12:00:00Z", NOON],
  ["2026-11-23T12:00Z", NOON],
  ["2026-11-23T12Z", NOON],
  ["2026-11-23T12:00.5Z", NOON + 30_000],
  ["2026-11-23T12:00:00,5Z", NOON + 500],
  ["2026-11-23T13:00:00+01", NOON],
  ["2026-11-23T07:00-05", NOON],
  ["2026-11-23T12:00:00-0000", NOON],
  ["2026-11-23T13:00:00 +0100", NOON],
  ["2026-11-23 12:00:00 GMT", NOON],
  ["2028-02-29T00:00Z", Date.UTC(2028, 1, 29)],
  ["2026-02-29T00:00Z", undefined],
  ["20261123T120060Z", undefined],
  ["2026-11-23T24:00Z", undefined],
  ["2026-11-23T12:60Z", undefined],
  ["2026-00-10T12:00Z", undefined],
  ["2026-11-00T12:00Z", undefined],
  ["20261123", undefined],
  ["20261123T120000", undefined],
  ["2026-W48-1T12:00:00Z", undefined],
  ["2026-327T12:00:00Z", undefined],
  ["2026-11-23T12:00:00", undefined],
  ["2026-11-23", undefined],
  ["1795435200", undefined],
  ["2026-13-01T00:00:00Z", undefined],
  ["2026-11-23T25:00:00Z", undefined],
  ["tomorrow", undefined],
  ["", undefined],
];

Deno.test("parseTimestamp reads every timestamp format of AWS's tools, and refuses one without a time zone", async (t) => {
  for (const [text, time] of TIMES) {
    await t.step(text || "nothing", () => assertEquals(parseTimestamp(text), time));
  }
});

Deno.test("toTimestamp writes what parseTimestamp reads, in whole seconds", () => {
  assertEquals(toTimestamp(NOON + 999), "2026-11-23T12:00:00Z");
  assertEquals(parseTimestamp(toTimestamp(NOON)), NOON);
});
