import { hasStaticKeys, profileFrom, profileNamed, sourcesOf } from "../../lib/config/chain.ts";
import { parseSharedConfig, type SharedConfig } from "../../lib/config/shared_config.ts";
import { EacError } from "../../lib/errors.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n";

function configOf(config: string, credentials = ""): SharedConfig {
  const encode = (text: string) => new TextEncoder().encode(text);
  const files = { config: "/c", credentials: "/k" };
  return parseSharedConfig({ files, config: encode(config), credentials: encode(credentials) });
}

function role(name: string, source: string, more = ""): string {
  return `[profile ${name}]\nrole_arn = arn:aws:iam::123456789012:role/${name}\n` +
    `source_profile = ${source}\n${more}`;
}

/** The names of the chain, or the error's code, message and place. */
function chainOf(config: SharedConfig, name: string): string[] {
  const profile = profileNamed(config, name);
  return [profile.name, ...[...sourcesOf(profile)].map((source) => source.name)];
}

function failure(work: () => unknown): string {
  const { code, message, place } = assertThrows(work, EacError);
  return `${code}: ${message}${place ? ` (${place.file}:${place.line})` : ""}`;
}

Deno.test("a chain ends at a source with static keys, whatever else that source has", () => {
  const config = configOf(
    role("a", "b") + role("b", "c") + role("c", "d") + role("d", "e"),
    `[c]\n${KEYS}`,
  );
  assertEquals(chainOf(config, "a"), ["a", "b", "c"]);
  const [, c] = [...sourcesOf(profileNamed(config, "a"))];
  assertEquals([c?.values.role_arn, c?.values.source_profile], [undefined, undefined]);
});

Deno.test("a source with half a key pair also ends the chain, so that the error names it", () => {
  const config = configOf(role("a", "b") + role("b", "c"), "[b]\naws_access_key_id = AKIA\n");
  assertEquals(chainOf(config, "a"), ["a", "b"]);
});

Deno.test("a profile can be its own source only with static keys", () => {
  const own = configOf(role("a", "a"), `[a]\n${KEYS}`);
  assertEquals(chainOf(own, "a"), ["a", "a"]);
  assertEquals(
    failure(() => chainOf(configOf(role("a", "a")), "a")),
    "cycle: source_profile forms a cycle: a -> a (/c:3)",
  );
});

Deno.test("a cycle is reported with its path, also if it does not include the requested profile", () => {
  const config = configOf(role("x", "a") + role("a", "b") + role("b", "a"), `[x]\n${KEYS}`);
  assertEquals(
    failure(() => chainOf(config, "x")),
    "cycle: source_profile forms a cycle: a -> b -> a (/c:9)",
  );
});

Deno.test("static keys end what would otherwise be a cycle", () => {
  const config = configOf(role("a", "b") + role("b", "a"), `[b]\n${KEYS}`);
  assertEquals(chainOf(config, "a"), ["a", "b"]);
});

Deno.test("a missing source is reported with the profile and line that name it, and a suggestion", () => {
  const config = configOf(role("a", "bse"), `[base]\n${KEYS}`);
  assertEquals(
    failure(() => chainOf(config, "a")),
    `profile_not_found: profile "a" names source_profile "bse", which does not exist (/c:3)`,
  );
});

Deno.test("reading a profile does not follow its source: a broken one is reported when it is used", () => {
  const profile = profileNamed(configOf(role("a", "nobody")), "a");
  assertEquals(profile.values.source_profile, "nobody");
  assertThrows(() => profile.source, EacError);
});

Deno.test("a missing profile is an error with the nearest names, never the default profile", () => {
  const config = configOf(`[default]\n${KEYS}`, `[prod]\n${KEYS}`);
  const error = assertThrows(() => profileNamed(config, "prdo"), EacError);
  assertEquals([error.code, error.hint], ["profile_not_found", "did you mean prod?"]);
  assertThrows(() => profileNamed(config, "__proto__"), EacError);
});

Deno.test("a profile that is in no file can have a source from the files", () => {
  const config = configOf("", `[base]\n${KEYS}`);
  const profile = profileFrom(config, "made", { role_arn: "x", source_profile: "base" });
  assertEquals(profile.source?.values.aws_access_key_id, "AKIAIOSFODNN7EXAMPLE");
});

Deno.test("keys in the credentials file take precedence over credential_process, and it over keys in the config file", () => {
  const process = "[profile p]\ncredential_process = x\n";
  const hidden = profileNamed(configOf(process, `[p]\n${KEYS}`), "p").values;
  assertEquals([hasStaticKeys(hidden), hidden.credential_process], [true, undefined]);
  const shown = profileNamed(configOf(process + KEYS), "p").values;
  assertEquals([hasStaticKeys(shown), shown.credential_process], [false, "x"]);
});

Deno.test("a key named like a method of objects is a key like any other", () => {
  const { values } = profileNamed(configOf("[profile p]\nconstructor = x\n"), "p");
  assertEquals([values.constructor, values.toString], ["x", undefined] as unknown[]);
});

Deno.test("a chain of more than 100 profiles is refused with its length", () => {
  const links = Array.from({ length: 10_000 }, (_, at) => role(`r${at}`, `r${at + 1}`));
  const config = configOf(links.join("") + role("end", "r9900"), `[r10000]\n${KEYS}`);
  assertEquals(
    failure(() => chainOf(config, "r0")),
    'config_invalid: profile "r0" has a chain of more than 100 roles (/c:303)',
  );
  assertEquals(chainOf(config, "r9905").length, 96);
});

Deno.test("an sso-session is no profile, and the hint says how to get profiles from it", () => {
  const config = configOf("[sso-session corp]\nsso_start_url = https://x\n");
  const { code, message, hint } = assertThrows(() => profileNamed(config, "corp"), EacError);
  assertEquals([code, message, hint], [
    "profile_not_found",
    '"corp" is an sso-session, not a profile',
    "eac init --sso corp writes a profile for each of its roles",
  ]);
});
