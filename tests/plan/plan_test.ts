/**
 * A test for all built-in strategies, and tables for the rules of MFA codes and durations (CLI.md,
 * "Durations").
 */

import { profileNamed } from "../../lib/config/chain.ts";
import type { Profile } from "../../lib/config/profile.ts";
import { parseSharedConfig } from "../../lib/config/shared_config.ts";
import { planFor, type PlanInput } from "../../lib/plan/plan.ts";
import type { Step } from "../../lib/plan/step.ts";
import { EacError } from "../../lib/errors.ts";
import { strategies } from "../../strategies/mod.ts";
import {
  pickStrategy,
  type PlanContext,
  type RegisteredStrategy,
} from "../../lib/plan/strategy.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";

/** A profile with these keys; those of `source_profile.` make its source. */
function profileWith(paths: readonly string[]): Profile {
  const values: Record<string, string> = {};
  const ofSource: Record<string, string> = {};
  for (const path of paths) {
    const key = path.replace(/^source_profile\./, "");
    if (!path.startsWith("!")) (key === path ? values : ofSource)[key] = VALUES[key] ?? "x";
  }
  const source: Profile = { name: "source", values: ofSource, places: {} };
  return { name: "p", values, places: {}, ...(values.source_profile ? { source } : {}) };
}

const ROLE = "arn:aws:iam::123456789012:role/";
const ALICE = "arn:aws:iam::123456789012:mfa/alice";
const BOB = "arn:aws:iam::123456789012:mfa/bob";

/** Valid values for keys that are validated. */
const VALUES: Readonly<Record<string, string>> = {
  role_arn: `${ROLE}A`,
  mfa_serial: ALICE,
  mfa_session: "auto",
  mfa_session_duration: "900",
  duration_seconds: "3600",
  session_duration: "3600",
  session_tags: "a=b",
  role_session_name: "alice",
  source_identity: "alice",
  session_policy_arns: "arn:aws:iam::aws:policy/ReadOnlyAccess",
};

Deno.test("each strategy has a unique name and a summary", () => {
  const names = strategies.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const { api, name, summary, needs, file } of strategies) {
    assertEquals([api, file], [1, undefined]);
    assertMatch(name, /^[a-z]+(-[a-z]+)*$/);
    assert(summary.length > 20 && !summary.endsWith("."), summary);
    assert(needs.length > 0 && needs.every((keys) => keys.some((key) => !key.startsWith("!"))));
  }
});

for (const strategy of strategies) {
  Deno.test(`${strategy.name} can be selected: no earlier strategy matches all of its alternatives`, () => {
    for (const needed of strategy.needs) {
      const profile = profileWith(needed);
      const forKeys = strategies.filter(({ temporaryOnly }: RegisteredStrategy) => !temporaryOnly);
      const reached = [strategies, forKeys].map((some) => pickStrategy(profile, some)?.name);
      assert(reached.includes(strategy.name), `${needed}: ${reached}`);
    }
  });

  Deno.test(`${strategy.name} reads no key that it does not declare`, async () => {
    const declared = new Set([...strategy.needs.flat(), ...strategy.reads]);
    const read = new Set<string>();
    const bases = ["long-lived", "temporary", "unknown"] as const;
    const variants = strategy.needs.flatMap((needed) => [
      profileWith(needed),
      profileWith([...needed, ...strategy.reads.filter((key) => key !== "credential_source")]),
      ...strategy.reads.map((key) => profileWith([...needed, key])),
    ]);
    for (const base of bases) {
      for (const profile of variants) {
        for (const asSource of [false, true]) {
          await attempt(async () => {
            await strategy.steps(watched(profile, read), planContext(base, asSource));
          });
        }
      }
    }
    assertEquals([...read].filter((key) => !declared.has(key)), []);
    assert(read.size > 0 || strategy.name === "pass-through");
  });
}

/** A strategy has also read what it refuses. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    assert(thrown instanceof EacError, String(thrown));
  }
}

/** The profile, which records the keys that are read. */
function watched(profile: Profile, read: Set<string>, prefix = ""): Profile {
  const values = new Proxy(profile.values, {
    get(own, key) {
      read.add(prefix + String(key));
      return Reflect.get(own, key);
    },
    ownKeys() {
      throw new Error("a strategy looks at all keys");
    },
  });
  const { source } = profile;
  return {
    name: profile.name,
    values,
    places: profile.places,
    get source() {
      return source && watched(source, read, "source_profile.");
    },
  } as Profile;
}

function planContext(base: PlanContext["base"], asSource: boolean): PlanContext {
  const before: Step = { call: "AssumeRole", roleArn: `${ROLE}Before` };
  return {
    base,
    asSource,
    sharesSession: () => true,
    usesSourceDevice: () => true,
    sourceSteps: () => base === "temporary" ? [before] : [],
    note() {},
  };
}

/** A config, the calls for `p`, and their warnings. */
interface Row {
  readonly about: string;
  readonly config: string;
  readonly flags?: Partial<PlanInput>;
  readonly calls: readonly string[];
  readonly warns?: number;
}

const KEYS = "[alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n";
const TEMPORARY = `${KEYS}aws_session_token = token\n`;

/** A profile that assumes a role. */
const role = (name: string, source: string, ...keys: string[]) =>
  [`[${name}]`, `role_arn = ${ROLE}${name}`, `source_profile = ${source}`, ...keys, ""].join("\n");

const MFA = `mfa_serial = ${ALICE}`;

const ROWS: readonly Row[] = [
  {
    about: "a role without MFA is assumed directly",
    config: KEYS + role("p", "alice"),
    calls: ["AssumeRole p"],
  },
  {
    about: "a role can last twelve hours",
    config: KEYS + role("p", "alice", "duration_seconds = 43200"),
    calls: ["AssumeRole p 43200"],
  },
  {
    about: "duration_seconds takes precedence over the legacy session_duration",
    config: KEYS + role("p", "alice", "session_duration = 1800", "duration_seconds = 900"),
    calls: ["AssumeRole p 900"],
  },
  {
    about: "--duration takes precedence over both",
    config: KEYS + role("p", "alice", "duration_seconds = 900"),
    flags: { durationSeconds: 1800 },
    calls: ["AssumeRole p 1800"],
  },
  {
    about: "with MFA a role of an hour uses a shared session",
    config: KEYS + role("p", "alice", MFA),
    calls: ["GetSessionToken 43200 alice", "AssumeRole p"],
  },
  {
    about: "with MFA a role of more than an hour uses the code directly",
    config: KEYS + role("p", "alice", MFA, "duration_seconds = 3601"),
    calls: ["AssumeRole p 3601 alice"],
  },
  {
    about: "--duration also decides whether a shared session is used",
    config: KEYS + role("p", "alice", MFA),
    flags: { durationSeconds: 7200 },
    calls: ["AssumeRole p 7200 alice"],
  },
  {
    about: "mfa_session = shared limits the role to an hour, with a warning",
    config: KEYS + role("p", "alice", MFA, "mfa_session = shared", "duration_seconds = 7200"),
    calls: ["GetSessionToken 43200 alice", "AssumeRole p 3600"],
    warns: 1,
  },
  {
    about: "mfa_session = off sends the code with AssumeRole",
    config: KEYS + role("p", "alice", MFA, "mfa_session = off"),
    calls: ["AssumeRole p alice"],
  },
  {
    about: "--no-session does the same",
    config: KEYS + role("p", "alice", MFA),
    flags: { shareSession: false },
    calls: ["AssumeRole p alice"],
  },
  {
    about: "a role that refused a session before gets the code directly",
    config: KEYS + role("p", "alice", MFA),
    flags: { directRoles: new Set([`${ROLE}p`]) },
    calls: ["AssumeRole p alice"],
  },
  {
    about: "mfa_session_duration sets the duration of the shared session",
    config: KEYS + role("p", "alice", MFA, "mfa_session_duration = 43200"),
    calls: ["GetSessionToken 43200 alice", "AssumeRole p"],
  },
  {
    about: "a chained role is limited to an hour, with a warning",
    config: KEYS + role("a", "alice") + role("p", "a", "duration_seconds = 7200"),
    calls: ["AssumeRole a", "AssumeRole p 3600"],
    warns: 1,
  },
  {
    about: "a chained role can last less than an hour",
    config: KEYS + role("a", "alice") + role("p", "a", "duration_seconds = 900"),
    calls: ["AssumeRole a", "AssumeRole p 900"],
  },
  {
    about: "--duration applies to the requested profile, not to its sources",
    config: KEYS + role("a", "alice") + role("p", "a"),
    flags: { durationSeconds: 1800 },
    calls: ["AssumeRole a", "AssumeRole p 1800"],
  },
  {
    about: "the device's own profile sets the session duration for every role of the device",
    config: KEYS + `${MFA}\nmfa_session_duration = 7200\n` + role("p", "alice", MFA),
    calls: ["GetSessionToken 7200 alice", "AssumeRole p"],
  },
  {
    about: "the profile's mfa_session_duration takes precedence over that of the device's profile",
    config: KEYS + `${MFA}\nmfa_session_duration = 7200\n` +
      role("p", "alice", MFA, "mfa_session_duration = 900"),
    calls: ["GetSessionToken 900 alice", "AssumeRole p"],
  },
  {
    about: "the device's own profile can turn the shared session off",
    config: KEYS + `${MFA}\nmfa_session = off\n` + role("p", "alice", MFA),
    calls: ["AssumeRole p alice"],
  },
  {
    about: "MFA of the first role comes first",
    config: KEYS + role("a", "alice", MFA) + role("p", "a"),
    calls: ["GetSessionToken 43200 alice", "AssumeRole a", "AssumeRole p"],
  },
  {
    about: "MFA of a later role also comes first: only the user's own session can use the code",
    config: KEYS + role("a", "alice") + role("p", "a", MFA),
    calls: ["GetSessionToken 43200 alice", "AssumeRole a", "AssumeRole p"],
  },
  {
    about: "one session serves two roles of the same device",
    config: KEYS + role("a", "alice", MFA) + role("p", "a", MFA),
    calls: ["GetSessionToken 43200 alice", "AssumeRole a", "AssumeRole p"],
  },
  {
    about:
      "a first role of more than an hour uses the code directly, and the second is limited to an hour",
    config: KEYS + role("a", "alice", MFA, "duration_seconds = 7200") + role("p", "a"),
    calls: ["AssumeRole a 7200 alice", "AssumeRole p"],
  },
  {
    about: "a session before the first role limits it to an hour",
    config: KEYS + role("a", "alice", "duration_seconds = 7200") + role("p", "a", MFA),
    calls: ["GetSessionToken 43200 alice", "AssumeRole a 3600", "AssumeRole p"],
  },
  {
    about: "the code of a second device is sent with its own call",
    config: KEYS + role("a", "alice", MFA) + role("p", "a", `mfa_serial = ${BOB}`),
    calls: ["GetSessionToken 43200 alice", "AssumeRole a", "AssumeRole p bob"],
  },
  {
    about: "temporary keys get no shared session, and an hour at most",
    config: TEMPORARY + role("p", "alice", MFA, "duration_seconds = 7200"),
    calls: ["AssumeRole p 3600 alice"],
    warns: 1,
  },
  {
    about: "credentials of a process get no shared session, and the requested duration is sent",
    config: "[alice]\ncredential_process = x\n" +
      role("p", "alice", MFA, "duration_seconds = 7200"),
    calls: ["AssumeRole p 7200 alice"],
  },
  {
    about: "the source's mfa_serial is not the role's",
    config: `${KEYS}${MFA}\n` + role("p", "alice"),
    calls: ["AssumeRole p"],
  },
  {
    about: "a user's keys get a session of an hour",
    config: `${KEYS.replace("alice", "p")}${MFA}\n`,
    calls: ["GetSessionToken 3600 alice"],
  },
  {
    about: "or of a day and a half",
    config: `${KEYS.replace("alice", "p")}${MFA}\nduration_seconds = 129600\n`,
    calls: ["GetSessionToken 129600 alice"],
  },
  {
    about: "a session without MFA causes a warning",
    config: KEYS.replace("alice", "p"),
    calls: ["GetSessionToken 3600"],
    warns: 1,
  },
  {
    about: "mfa_serial with source_profile gets a session of the source's keys",
    config: `${KEYS}[p]\nsource_profile = alice\n${MFA}\n`,
    calls: ["GetSessionToken 3600 alice"],
  },
  {
    about: "keys with a session token are passed through",
    config: TEMPORARY.replace("alice", "p"),
    calls: [],
  },
];

for (const { about, config, flags, calls, warns = 0 } of ROWS) {
  Deno.test(`planFor: ${about}`, async () => {
    const plan = await planned(config, flags);
    assertEquals(plan.steps.map(spell), calls);
    assertEquals(plan.warnings.length, warns, plan.warnings.join("\n"));
    const device = calls.map((call) => /(alice|bob)$/.exec(call)?.[0]).find(Boolean);
    assertEquals(plan.mfa?.serial.split("/")[1], device);
  });
}

/** `AssumeRole NAME SECONDS DEVICE`, without parameters that are not sent. */
function spell(step: Step): string {
  if (step.call === "Custom") return step.call;
  const parts = [
    step.call,
    step.call === "AssumeRole" ? step.roleArn.split("/")[1] : undefined,
    step.durationSeconds,
    step.mfaSerial?.split("/")[1],
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

function planOfText(text: string, name: string, strategy?: string) {
  const config = parseSharedConfig({
    files: { config: "config", credentials: "credentials" },
    config: new TextEncoder().encode(text),
    credentials: new Uint8Array(),
  });
  const more = { env: {}, shareSession: true, directRoles: new Set<string>() };
  return planFor(profileNamed(config, name), { config, strategies, strategy, ...more });
}

function planned(credentials: string, flags: Partial<PlanInput> = {}) {
  const config = parseSharedConfig({
    files: { config: "config", credentials: "credentials" },
    config: new Uint8Array(),
    credentials: new TextEncoder().encode(credentials),
  });
  return planFor(profileNamed(config, "p"), {
    config,
    strategies,
    env: {},
    shareSession: true,
    directRoles: new Set(),
    ...flags,
  });
}

/** Invalid profiles: the error's code, its line and a part of the message. */
const REFUSED:
  readonly (readonly [string, Partial<PlanInput>, string, number | undefined, RegExp])[] = [
    [role("p", "alice", "duration_seconds = 899"), {}, "config_invalid", 7, /899 .* out of range/],
    [role("p", "alice", "duration_seconds = 43201"), {}, "config_invalid", 7, /900 to 43200/],
    [role("p", "alice", "duration_seconds = 1h"), {}, "config_invalid", 7, /not a whole number/],
    [role("p", "alice"), { durationSeconds: 43201 }, "usage", undefined, /--duration 43201/],
    [
      `[p]\nsource_profile = alice\n${MFA}\n`,
      { durationSeconds: 129601 },
      "usage",
      undefined,
      /range/,
    ],
    [
      role("p", "alice", MFA, "mfa_session_duration = 60"),
      {},
      "config_invalid",
      8,
      /900 to 129600/,
    ],
    [role("p", "alice", MFA, "mfa_session = yes"), {}, "config_invalid", 8, /auto, shared or off/],
    [role("p", "alice", MFA.replace("mfa/", "u2f/user/")), {}, "config_invalid", 7, /security key/],
    [role("p", "alice", MFA.replace("mfa/", "user/")), {}, "config_invalid", 7, /user's ARN/],
    [role("p", "alice", "credential_source = Environment"), {}, "config_invalid", 7, /both/],
    [
      role("a", "alice") + `[p]\nsource_profile = a\n${MFA}\n`,
      {},
      "config_invalid",
      undefined,
      /only for long-lived keys/,
    ],
  ];

for (const [config, flags, code, line, words] of REFUSED) {
  Deno.test(`planFor refuses what AWS would refuse: ${words.source}, ${code}`, async () => {
    const error = await assertRejects(() => planned(KEYS + config, flags), EacError);
    assertEquals([error.code, error.place?.line], [code, line]);
    assertMatch(`${error.message} ${error.hint}`, words);
  });
}

Deno.test("planFor names the profile without credentials: the requested one, or its source", async () => {
  const config = `[none]\n${MFA}\n${role("q", "none")}`;
  const cases: readonly (readonly [profile: string, message: RegExp, line: number | undefined])[] =
    [
      [`[p]\n${MFA}\n`, /^profile "p" /, undefined],
      [role("p", "none"), /^source profile "none" /, 3],
      [role("p", "q"), /^source profile "none" /, 3],
    ];
  for (const [profile, message, line] of cases) {
    const error = await assertRejects(() => planned(profile + config), EacError);
    assertEquals(
      [error.code, error.profile, error.place?.line],
      ["missing_credentials", "p", line],
    );
    assertMatch(error.message, message);
    assertMatch(error.hint ?? "", /aws_access_key_id .*role_arn .*credential_process/);
  }
});

Deno.test("planFor puts no session of the user before a custom strategy", async () => {
  const own = {
    api: 1,
    name: "own",
    summary: "custom",
    needs: [["box"]],
    reads: [],
    file: "/own.js",
    steps: (_: Profile, context: PlanContext): readonly Step[] => [
      ...context.sourceSteps(),
      { call: "Custom", strategy: "own", summary: "", keys: {}, cacheKey: "" },
    ],
  } as const;
  const config = `${KEYS}[a]\nbox = 1\nsource_profile = alice\n` +
    role("p", "a", MFA, "duration_seconds = 7200");
  const { steps, notes, base } = await planned(config, { strategies: [own, ...strategies] });
  assertEquals([base.kind, ...steps.map(spell)], ["static", "Custom", "AssumeRole p 3600 alice"]);
  assert(notes.some((note) => /a custom strategy comes before/.test(note)));
});

for (
  const [wrong, meant, config] of [
    ["source_profil", "source_profile", `role_arn = ${ROLE}A\nsource_profil = q\n`],
    ["role_am", "role_arn", `source_profile = q\nrole_am = ${ROLE}A\n`],
    ["mfa_serail", "mfa_serial", `source_profile = q\nmfa_serail = ${ALICE}\n`],
    ["credential_proces", "credential_process", "credential_proces = tool\n"],
    ["login_sesion", "login_session", "region = eu-west-1\nlogin_sesion = x\n"],
  ] as const
) {
  Deno.test(`the error for a profile with ${wrong} suggests ${meant}, with file and line`, async () => {
    for (const name of config.includes("source_profile =") ? ["p"] : ["p", "above"]) {
      const text = `[profile p]\noutput = json\n${config}` +
        `[profile q]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n` +
        `[profile above]\nrole_arn = ${ROLE}B\nsource_profile = p\n`;
      const error = await assertRejects(() => planOfText(text, name), EacError);
      const line = text.split("\n").findIndex((line) => line.startsWith(`${wrong} `)) + 1;
      assertMatch(error.message, new RegExp(`${wrong}$`));
      assertEquals([error.hint, error.place?.line], [`did you mean ${meant}?`, line]);
    }
  });
}

Deno.test("the error for a profile that no strategy matches names each strategy and its missing keys", async () => {
  const error = await assertRejects(
    () => planOfText("[profile p]\nregion = eu-west-1\n", "p"),
    EacError,
  );
  assertEquals(error.code, "no_strategy");
  for (
    const needs of [
      "pass-through needs web_identity_token_file",
      "chained-role needs role_arn + source_profile + source_profile.role_arn",
      "assume-role needs role_arn + source_profile",
      "session-token needs mfa_serial",
    ]
  ) assert(error.hint!.split("; ").includes(needs), error.hint);
});

Deno.test("the error for a named strategy does not deny the profile's other keys", async () => {
  const text = "[profile r]\nrole_arn = " + ROLE + "A\nsource_profile = k\n[profile k]\n" +
    "aws_access_key_id = AKIA\naws_secret_access_key = s\n";
  for (
    const [name, strategy, missing] of [
      ["r", "session-token", "mfa_serial"],
      ["k", "assume-role", "role_arn"],
    ] as const
  ) {
    const error = await assertRejects(() => planOfText(text, name, strategy), EacError);
    assertEquals(error.code, "no_strategy");
    assertEquals(error.message, `strategy "${strategy}" does not match profile "${name}"`);
    assertEquals(error.hint, `${strategy} needs ${missing}`);
  }
});

Deno.test("a key of another tool is not taken for a misspelled one", async () => {
  const others = "region = eu-west-1\noutput = json\ncli_pager =\nretry_mode = standard\n" +
    "max_attempts = 3\ns3 =\n  max_concurrent_requests = 20\ndefaults_mode = auto\n" +
    "account_id_endpoint_mode = preferred\ncli_history = enabled\nregion_set = x\n";
  const error = await assertRejects(() => planOfText(`[profile p]\n${others}`, "p"), EacError);
  assertEquals(error.code, "no_strategy");
  assert(!error.hint!.includes("did you mean"), error.hint);
});
