/**
 * Outlines of thousands of profiles: equal to their plans, with one plan for each kind of profile.
 */

import { profileNamed } from "../../lib/config/chain.ts";
import { parseSharedConfig } from "../../lib/config/shared_config.ts";
import { Outlines, subjectIn } from "../../lib/plan/outline.ts";
import { planFor, type PlanInput } from "../../lib/plan/plan.ts";
import { subjectOf } from "../../lib/plan/step.ts";
import { strategies } from "../../strategies/mod.ts";
import { assertEquals } from "../support/assert.ts";

const KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n";
const DEVICE = "arn:aws:iam::123456789012:mfa/alice";
const role = (index: number) => `role_arn = arn:aws:iam::123456789012:role/r${index}\n`;
const indexes = Array.from({ length: 50 }, (_, index) => index);

/** Sections of each kind, 50 of each. */
const KINDS: Readonly<Record<string, (index: number) => string>> = {
  role: (index) => `${role(index)}source_profile = base\nregion = eu-west-${index}\n`,
  mfa: (index) => `${role(index)}source_profile = base\nmfa_serial = ${DEVICE}\n`,
  chained: (index) => `${role(index)}source_profile = role-0\n`,
  machine: (index) => `${role(index)}credential_source = Ec2InstanceMetadata\n`,
  sso: (index) => `sso_session = s\nsso_account_id = ${index}\nsso_role_name = r${index}\n`,
  process: (index) => `credential_process = /bin/tool ${index}\n`,
  login: (index) => `login_session = arn:aws:iam::123456789012:user/${index}\n`,
  half: (index) => `sso_session = s\nsso_role_name = r${index}\n`, // an error of its own each
  keys: (index) => index % 2 ? KEYS : `${KEYS}credential_process = /bin/tool\n`,
  itself: (index) => `${role(index)}source_profile = itself-${index}\n${index % 2 ? KEYS : ""}`,
};

function inputOf(): PlanInput & { readonly plans: () => number } {
  const config =
    Object.entries(KINDS).flatMap(([kind, text]) =>
      indexes.map((index) => `[profile ${kind}-${index}]\n${text(index)}`)
    ).join("") +
    "[sso-session s]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n";
  const encode = (text: string) => new TextEncoder().encode(text);
  let plans = 0;
  return {
    config: parseSharedConfig({
      files: { config: "config", credentials: "credentials" },
      config: encode(config),
      credentials: encode(`[base]\n${KEYS}`),
    }),
    strategies: strategies.map((strategy) => ({
      ...strategy,
      steps(profile, context) {
        plans++;
        return strategy.steps(profile, context);
      },
    })),
    env: {},
    shareSession: true,
    directRoles: new Set(),
    plans: () => plans,
  };
}

Deno.test("the outline of each profile matches its plan", async () => {
  const input = inputOf();
  const outlines = new Outlines(input);
  for (const [name, section] of input.config.profiles) {
    const outline = await outlines.of(name, section);
    const { strategy, mfaSerial } = outline;
    const plan = await planFor(profileNamed(input.config, name), input).catch(() => undefined);
    const last = plan?.steps.at(-1);
    assertEquals([name, strategy, mfaSerial, subjectIn(outline, section)], [
      name,
      plan?.strategy ?? null,
      plan?.mfa?.serial ?? null,
      last && subjectOf(last),
    ]);
  }
});

Deno.test("profiles of the same kind are planned once", async () => {
  for (const kind of ["role", "mfa", "chained", "machine", "sso", "process", "login"]) {
    const input = inputOf();
    const outlines = new Outlines(input);
    const plan = (index: number) => {
      const name = `${kind}-${index}`;
      return outlines.of(name, input.config.profiles.get(name)!);
    };
    await plan(0);
    const first = input.plans();
    for (const index of indexes) await plan(index);
    assertEquals(input.plans(), first, kind);
  }
});
