/**
 * Asks modules for the steps that they declare. One process per module answers for all profiles of a
 * run. The answers are cached, so that a later run starts none.
 *
 * @module
 */

import type { Profile } from "../config/profile.ts";
import { EacError } from "../errors.ts";
import { ROLE_BOUNDS, SESSION_BOUNDS } from "../plan/durations.ts";
import { placeRole } from "../plan/role_steps.ts";
import { durationOf, mfaSerialOf } from "../plan/settings.ts";
import type { AssumeRoleStep, GetSessionTokenStep, Step } from "../plan/step.ts";
import type { PlanContext } from "../plan/strategy.ts";
import { accept, type Child, type ChildHost, parse, startChild, strategyEnv } from "./child.ts";
import { readSteps } from "./calls.ts";
import { type Described, TIMEOUT } from "./description.ts";
import type { StrategyFile } from "./strategy_file.ts";

/** An STS call that a strategy declares. */
export type DeclaredStep = AssumeRoleStep | GetSessionTokenStep;

/** The modules that have been asked in this run. */
export interface StepSource {
  /**
   * The steps for these keys.
   *
   * @throws {EacError} `strategy_failed`
   */
  ask(
    file: StrategyFile,
    described: Described,
    keys: Readonly<Record<string, string>>,
  ): Promise<readonly DeclaredStep[]>;
  /** Ends their processes. */
  end(): Promise<void>;
}

/** Starts a module when it is first asked. */
export function createStepSource(host: ChildHost): StepSource {
  const children = new Map<string, Child>();
  let before: Promise<unknown> = Promise.resolve();

  async function ask(
    file: StrategyFile,
    described: Described,
    keys: Readonly<Record<string, string>>,
  ) {
    const child = children.get(file.path) ??
      await startChild(host, file, {
        timeout: TIMEOUT,
        tooSlow: '"steps" only declares calls: move the work into "obtain"',
        env: strategyEnv(host.env, described),
      });
    children.set(file.path, child);
    child.write(`${
      JSON.stringify({
        api: 1,
        request: "steps",
        profile: keys,
        settings: { wants: described.wants },
      })
    }\n`);
    const line = await child.read();
    const answer = line === undefined ? undefined : parse(line);
    if (!Array.isArray(answer)) {
      children.delete(file.path);
      await child.finish(line === undefined ? [] : [line]);
    }
    return accept(file.path, () => readSteps(answer));
  }

  return {
    ask(file, described, keys) {
      const answer = before.then(() => ask(file, described, keys));
      before = answer.catch(() => {});
      return answer;
    },
    async end() {
      const all = [...children.values()];
      children.clear();
      await Promise.all(all.map((child) => child.end()));
    },
  };
}

/**
 * The steps of the source, then the strategy's calls. `--duration` applies to the last one.
 *
 * @throws {EacError} `config_invalid` where AWS would refuse
 */
export function placeSteps(
  profile: Profile,
  declared: readonly DeclaredStep[],
  context: PlanContext,
): readonly Step[] {
  let steps = context.sourceSteps();
  for (const [index, step] of declared.entries()) {
    if (step.mfaSerial !== undefined) checkSerial(profile, step.mfaSerial);
    const last = index === declared.length - 1;
    const bounds = step.call === "AssumeRole" ? ROLE_BOUNDS : SESSION_BOUNDS;
    const flag = last
      ? durationOf({ name: profile.name, values: {}, places: {} }, context, bounds)
      : undefined;
    const wanted = flag === undefined ? step : { ...step, durationSeconds: flag };
    if (wanted.call === "AssumeRole") {
      const { mfaSerial, ...role } = wanted;
      steps = placeRole(profile, role, mfaSerial, steps, context);
    } else steps = [placeSession(profile, wanted, steps, context)];
  }
  return steps;
}

function placeSession(
  profile: Profile,
  step: GetSessionTokenStep,
  before: readonly Step[],
  context: PlanContext,
): Step {
  if (before.length === 0 && context.base !== "temporary") return step;
  throw new EacError(
    "config_invalid",
    `profile "${profile.name}" needs GetSessionToken, which AWS allows with long-lived keys only`,
    { hint: "let the strategy's steps begin with AssumeRole instead", profile: profile.name },
  );
}

function checkSerial(profile: Profile, serial: string): void {
  mfaSerialOf({
    name: profile.name,
    values: { mfa_serial: serial },
    places: profile.places,
  });
}
