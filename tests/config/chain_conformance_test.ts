/**
 * The AWS SDKs' own cases of role chains: what `eac explain` plans is what they would do.
 *
 * Where they split, the AWS CLI's side is taken.
 */

import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { readCases } from "../support/conformance.ts";
import { type TestHost, testHost } from "../support/fakes.ts";

interface Hop {
  readonly type: string;
  readonly [parameter: string]: unknown;
}

interface Case {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly tier: "all" | "split" | "plan" | "dialect";
  readonly config?: string;
  readonly credentials?: string;
  readonly profile: string;
  readonly profile_from: string;
  readonly env: Readonly<Record<string, string>>;
  readonly fixtures?: Readonly<Record<string, string>>;
  readonly expect: { readonly hops?: readonly Hop[]; readonly error?: string };
  readonly aws_cli?: "as expect" | { readonly hops?: readonly Hop[]; readonly error?: string };
  readonly requested_duration_seconds?: number;
}

/** Cases that go eac's own way, and why. */
const OUR_WAY: Readonly<Record<string, string>> = {
  C147: "a source with static keys ends the chain, as in the SDKs; aws-vault assumes its role too",
  C148: "source_profile without role_arn is no alias in the SDKs",
  C149: "mfa_serial of [default] is not inherited, as in the SDKs",
  C154: "source_profile without role_arn is no alias in the SDKs",
};

/** Which `error.code` stands for the suites' kinds of error. */
const CODES: Readonly<Record<string, string>> = {
  "no-source": "no_strategy",
  "both-sources": "config_invalid",
  "source-profile-not-found": "profile_not_found",
  "profile-not-found": "profile_not_found",
  "infinite-loop": "cycle",
  "partial-credentials": "config_invalid",
  "credential-source-invalid": "config_invalid",
  "credential-source-empty": "missing_credentials",
  "web-identity-no-role-arn": "config_invalid",
  "process-failed": "process_failed",
  "process-bad-json": "process_failed",
  "config-parse": "config_invalid",
  "sso-incomplete": "config_invalid",
  "sso-mismatch": "config_invalid",
  "sso-session-not-found": "config_invalid",
};

/** Errors that occur only when credentials are requested. */
const AT_WORK = new Set(["process-failed", "process-bad-json", "credential-source-empty"]);

/** Outside of what a plan can show: the machine's metadata service, the SSO token cache. */
const BEYOND: Readonly<Record<string, string>> = {
  C056: "default without any keys: no profile to plan",
  C057: "the metadata service answers at work only",
  C063: "the SSO token cache is read at work only",
};

const KINDS: Readonly<Record<string, string>> = {
  env: "environment",
  imds: "instance",
  ecs: "container",
};

function setUp(test: Case): TestHost {
  const host = testHost({ env: test.env });
  const fill = (text: string) => text.replaceAll("@TMP@", host.home);
  if (test.config !== undefined) host.write(".aws/config", fill(test.config));
  if (test.credentials !== undefined) host.write(".aws/credentials", fill(test.credentials));
  for (const [name, text] of Object.entries(test.fixtures ?? {})) {
    host.write(name, fill(text));
    if (name === "proc") Deno.chmodSync(host.path(name), 0o700);
  }
  for (const [key, value] of Object.entries(test.env)) host.env[key] = fill(value);
  if (test.profile_from === "AWS_PROFILE") host.env.AWS_PROFILE = test.profile;
  return host;
}

/** The plan in the format of the cases. */
function planned(explanation: Record<string, unknown>): Hop[] {
  const base = explanation.base as Record<string, unknown>;
  const hops = explanation.hops as Record<string, unknown>[];
  return [
    { ...base, type: String(base.kind) },
    ...hops.map((hop) => ({ ...hop, type: "assume-role" })),
  ];
}

const COMPARED = [
  "access_key_id",
  "role_arn",
  "external_id",
  "role_session_name",
  "mfa_serial",
  "duration_seconds",
  "sso_start_url",
  "sso_region",
  "sso_account_id",
  "sso_role_name",
  "sso_session",
];

const { list, missing } = readCases<Case>("chain");
if (list.length === 0) Deno.test.ignore(`explain plans as the AWS CLI does${missing}`, () => {});

for (const test of list) {
  const skip = OUR_WAY[test.id] ?? BEYOND[test.id];
  const name = `explain plans as the AWS CLI does: ${test.id} ${test.name}`;
  if (skip !== undefined) {
    Deno.test.ignore(`${name} (${skip})`, () => {});
    continue;
  }
  Deno.test(name, async () => {
    using host = setUp(test);
    const expected = test.aws_cli === undefined || test.aws_cli === "as expect"
      ? test.expect
      : test.aws_cli;
    const named = test.profile_from === "--profile" ? [test.profile] : [];
    if (expected.error !== undefined) return await expectError(test, host, named);

    const extra = test.requested_duration_seconds === undefined
      ? []
      : ["--duration", String(test.requested_duration_seconds)];
    const code = await run(["explain", "--json", ...extra, ...named], host, strategies);
    assertEquals(code, 0, host.printed.stderr);
    const explanation = JSON.parse(host.printed.stdout);
    const hops = expected.hops!.filter(({ type }) => type !== "get-session-token");
    compare(test, host, planned(explanation), hops);
    const last = hops.at(-1)!;
    if (typeof last.endpoint === "string") {
      assertEquals(`${explanation.endpoint.url}/`, last.endpoint.replace(/\/?$/, "/"));
    }
    if (typeof last.region === "string" && test.tier === "plan") {
      assertEquals(explanation.endpoint.region, last.region);
    }
  });
}

async function expectError(test: Case, host: TestHost, named: string[]): Promise<void> {
  const atWork = AT_WORK.has(test.expect.error ?? "");
  const argv = [atWork ? "process" : "explain", "--json", ...named];
  const code = await run(atWork ? ["process", ...named] : argv, host, strategies);
  assert(code !== 0, `it worked: ${host.printed.stdout}`);
  if (atWork) return assertEquals(code, test.expect.error!.startsWith("process") ? 8 : 3);
  const { error } = JSON.parse(host.printed.stderr.split("\n").findLast((line) => line !== "")!);
  const wanted = CODES[test.expect.error ?? ""];
  if (wanted !== undefined && test.tier !== "split") {
    assertEquals(error.code, wanted, error.message);
  }
  assertEquals(code, 3);
}

function compare(test: Case, host: TestHost, got: readonly Hop[], hops: readonly Hop[]): void {
  assertEquals(
    got.map(({ type }) => type),
    hops.map(({ type }, index) => {
      // The AWS CLI's own record says "keys" for a base, whatever it is.
      if (type === "keys") return got[index]?.type;
      return KINDS[type] ?? type;
    }),
  );
  for (const [index, hop] of hops.entries()) {
    for (const key of COMPARED) {
      const wanted = hop[key];
      if (wanted === undefined || wanted === "<generated>") continue;
      if (hop.type === "process") continue; // the program runs only later
      if (key === "duration_seconds" && test.requested_duration_seconds !== undefined) continue;
      const filled = typeof wanted === "string" ? wanted.replaceAll("@TMP@", host.home) : wanted;
      assertEquals(got[index]?.[key], filled, `${key} of hop ${index}`);
    }
  }
}
