/**
 * Asking modules for the steps that they declare. One process a module answers for all profiles of
 * a run; what it answered is kept, so that a later run starts none.
 *
 * @module
 */

import { accept, type Child, type ChildHost, parse, startChild, strategyEnv } from "./child.ts";
import { readSteps } from "./calls.ts";
import { TIMEOUT } from "./description.ts";
import type { StrategyFile } from "./files.ts";
import type { DeclaredStep } from "./placing.ts";

/** The modules that answer in this run. */
export interface StepSource {
  /**
   * The steps for these keys.
   *
   * @throws {EacError} `strategy_failed`
   */
  ask(file: StrategyFile, keys: Readonly<Record<string, string>>): Promise<readonly DeclaredStep[]>;
  /** Ends their processes. */
  end(): Promise<void>;
}

/** No module is started before it is asked. */
export function createStepSource(host: ChildHost): StepSource {
  const children = new Map<string, Child>();
  let before: Promise<unknown> = Promise.resolve();

  async function ask(file: StrategyFile, keys: Readonly<Record<string, string>>) {
    const child = children.get(file.path) ??
      await startChild(host, file, {
        timeout: TIMEOUT,
        tooSlow: '"steps" only says what to call: work takes "obtain"',
        env: strategyEnv(host.env, false),
      });
    children.set(file.path, child);
    child.write(`${JSON.stringify({ api: 1, request: "steps", profile: keys })}\n`);
    const line = await child.read();
    const answer = line === undefined ? undefined : parse(line);
    if (!Array.isArray(answer)) {
      children.delete(file.path);
      await child.finish(line === undefined ? [] : [line]);
    }
    return accept(file.path, () => readSteps(answer));
  }

  return {
    ask(file, keys) {
      const answer = before.then(() => ask(file, keys));
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
