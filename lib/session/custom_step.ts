/**
 * What a custom strategy can use while it gets credentials: STS, MFA codes, the terminal.
 *
 * @module
 */

import { type Context, strategiesOf, whyNoPrompt, withTerminal } from "../context.ts";
import type { Credentials } from "../plan/credentials.ts";
import type { StsEndpoint } from "../plan/endpoint.ts";
import type { Services } from "../plan/services.ts";
import type { CustomStep } from "../plan/step.ts";
import { EacError } from "../errors.ts";
import { printable } from "../text/printable.ts";
import { pauseProgress } from "../terminal/line.ts";
import type { Mutex } from "../async/mutex.ts";

/** What a strategy runs for. */
export interface CustomRun {
  /** One question at a time is on the terminal. */
  readonly questions: Mutex;
  /** The name of the profile. */
  readonly profile: string;
  readonly target: Pick<StsEndpoint, "caBundle">;
}

/** Runs the strategy of a step. */
export async function runCustomStep(
  context: Context,
  { questions, profile, target }: CustomRun,
  step: CustomStep,
  credentials: Credentials | undefined,
  calls: Pick<Services, "call" | "code">,
): Promise<Credentials> {
  const { strategies } = await strategiesOf(context);
  const strategy = strategies.find(({ name, obtain }) => name === step.strategy && obtain);
  if (strategy?.obtain === undefined) {
    throw new EacError("internal", `strategy "${step.strategy}" is gone`);
  }
  const services: Services = {
    ...calls,
    ask(question, secret) {
      const from = `${step.strategy} (${profile})`;
      return questions(() => ask(context, from, question, secret));
    },
    caBundle: target.caBundle,
    unaskable: () => whyNoPrompt(context),
    say: (text) => say(context, text),
    show: (text) => show(context, `${step.strategy} (${profile})`, text),
  };
  return await strategy.obtain(step, {
    services,
    credentials,
  });
}

/** A question names the strategy and the profile, so that it does not look like one of eac's. */
async function ask(
  context: Context,
  from: string,
  question: string,
  secret: boolean,
): Promise<string> {
  const why = whyNoPrompt(context);
  if (why !== undefined) {
    throw new EacError("input_required", `strategy ${from} asks a question, but ${why}`, {
      hint: `run it in a terminal. It asks: ${question.trim()}`,
    });
  }
  const { askLine, askSecret } = await import("../terminal/ask.ts");
  const text = printable(`${from}: ${question.trim()} `);
  const answer = await withTerminal(
    context.host,
    (device) => secret ? askSecret(device, text) : askLine(device, text),
  );
  if (answer === undefined) throw new EacError("input_required", "the terminal was closed");
  return answer;
}

/** Every line names the strategy and the profile, as a question does. */
function show({ host }: Context, from: string, text: string): void {
  const lines = text.trim().split(/\r?\n/).map((line) => `${printable(`${from}: ${line}`)}\n`);
  const device = host.stderr.isTerminal ? undefined : host.openTerminal();
  const resume = pauseProgress(host.stderr);
  (device ?? host.stderr).write(lines.join(""));
  resume();
  device?.close();
}

/** Passed on as it comes: it may be a question, without an end of line. */
function say({ host, options }: Context, text: string): void {
  if (options.quiet || (options.json && !options.verbose)) return;
  // deno-lint-ignore no-control-regex -- the sequences that colour a terminal
  const plain = text.replace(/\x1b\[[\d;]*m/g, "").replace(/\r\n?/g, "\n");
  host.stderr.write(printable(plain));
}
