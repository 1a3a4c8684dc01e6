/**
 * A run about one profile reads what a run about all profiles reads.
 *
 * @module
 */

import fc from "fast-check";
import type { Section } from "../../lib/config/section.ts";
import { openSharedConfig } from "../../lib/config/sections_on_demand.ts";
import { readSharedConfig, type SharedConfig } from "../../lib/config/shared_config.ts";
import { EacError } from "../../lib/errors.ts";
import { assert, assertEquals } from "../support/assert.ts";
import type { Property } from "./property.ts";

const NAMES = ["default", "a", "b", "s", "eac", "profile a", "DEFAULT", "", "x]\n[profile b"];

const headers = fc.constantFrom(
  ...["[default]", "[profile default]", "[profile a]", "[profile b]", "[a]", "[b]", "[eac]"],
  ...["[sso-session s]", "[services s]", "[PROFILE A]", "[profile]", "[plugins]"],
);
const plainLines = fc.constantFrom(
  ...["region = eu-west-1", "region=", "source_profile = a", "Role_Arn = arn # note", "# note"],
  ...["; [a]", "", " \t", "output\t= json  ", "mfa_serial = x=y"],
);
/** Texts that make a reader parse the whole file. */
const unusualLines = fc.constantFrom(
  ...["[profile a] # note", '[profile "a"]', "[profile  b]", " [profile b]", "[DEFAULT]", "[a"],
  ...["  continued", "  key = value", "s3 =\n  x = y", "k\u00e9y = v", "v = \u00e9", "no equals"],
  ...["= v", "a b = c", "region = 1\rregion = 2", "\u00a0x = y", "#\tnote\u0001", "region = 3"],
);
const files = fc.tuple(
  fc.array(fc.tuple(headers, fc.array(plainLines, { maxLength: 4 })), { maxLength: 6 }),
  fc.option(fc.tuple(fc.nat(20), unusualLines), { freq: 2 }),
  fc.constantFrom("\n", "\n", "\r\n"),
  fc.constantFrom("", "", "", "\ufeff"),
).map(([sections, unusual, newline, mark]) => {
  const lines = sections.flatMap(([header, rest]) => [header, ...rest]);
  if (unusual !== null) lines.splice(unusual[0], 0, unusual[1]);
  return new TextEncoder().encode(mark + lines.map((line) => line + newline).join(""));
});

/** What a run reads from the shared files: an error, or these sections. */
function seenBy(read: () => SharedConfig): unknown {
  try {
    const config = read();
    const found = (sections: ReadonlyMap<string, Section>) =>
      NAMES.map((name) => settingsOf(sections.get(name)));
    return {
      found: [config.profiles, config.ssoSessions, config.services].map(found),
      has: NAMES.map((name) => config.profiles.has(name)),
      defaults: settingsOf(config.defaults),
      names: [...config.profiles.keys()],
      count: config.profiles.size,
      reports: [config.warnings, config.ignored, config.ignoredProperties],
    };
  } catch (thrown) {
    assert(thrown instanceof EacError);
    return { message: thrown.message, place: thrown.place };
  }
}

function settingsOf(section: Section | undefined): unknown {
  if (section === undefined) return undefined;
  const settings = [...section].map(({ key, value, place }) => ({ key, value, place }));
  for (const { key, value } of settings) assertEquals(section.value(key), value);
  const pairs: [string, string][] = [];
  section.forEach((value, key) => pairs.push([key, value]));
  assertEquals(pairs, settings.map(({ key, value }) => [key, value]));
  return settings;
}

/** For both shared files. */
export const sectionProperties: readonly Property[] = [
  {
    name: "sections: one that is looked up reads as it does in the whole file",
    runs: 1000,
    property: fc.property(files, fc.option(files, { nil: undefined }), (config, credentials) => {
      const host = {
        os: "linux" as const,
        env: { HOME: "/home/alice" },
        readFile: (path: string) => path.endsWith("config") ? config : credentials,
      };
      assertEquals(
        seenBy(() => openSharedConfig(host)),
        seenBy(() => readSharedConfig(host)),
      );
    }),
  },
];
