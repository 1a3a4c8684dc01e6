/**
 * Runs custom strategies and provides their services: STS, MFA codes, the terminal.
 *
 * @module
 */

import { type Context, strategiesOf, whyNoPrompt, withTerminal } from "../context.ts";
import type { Source, StrategyCalls } from "../credentials/executor_context.ts";
import type { Credentials, SignIn } from "../plan/credentials.ts";
import type { StsEndpoint } from "../plan/endpoint.ts";
import type { Services } from "../plan/services.ts";
import type { CustomStep } from "../plan/step.ts";
import type { RegisteredStrategy } from "../plan/strategy.ts";
import { asEacError, EacError } from "../errors.ts";
import { printable, shellWord } from "../text/printable.ts";
import { whyNoBrowser } from "../terminal/desktop.ts";
import { pauseProgress } from "../terminal/line.ts";
import type { Mutex } from "../async/mutex.ts";

/** The context of a strategy's run. */
export interface CustomRun {
  /** Only one prompt at a time is on the terminal. */
  readonly questions: Mutex;
  /** One strategy at a time asks the user. */
  readonly strategyQueue: Mutex;
  /** The name of the profile. */
  readonly profile: string;
  readonly target: Pick<StsEndpoint, "region" | "url" | "caBundle">;
}

/** Runs the strategy of a step. */
export async function runCustomStep(
  context: Context,
  run: CustomRun,
  step: CustomStep,
  source: Source,
  calls: StrategyCalls,
): Promise<Credentials> {
  return await runFor(
    context,
    run,
    step,
    calls,
    (strategy, services) => strategy.obtain!(step, { ...source, services }),
  );
}

/** Runs the strategy of a shared sign-in. */
export async function runSignIn(
  context: Context,
  run: CustomRun,
  step: CustomStep,
  calls: StrategyCalls,
): Promise<SignIn> {
  try {
    return await runFor(
      context,
      run,
      step,
      calls,
      (strategy, services) => strategy.signIn!(step, { services }),
    );
  } catch (thrown) {
    const { code, message, place } = asEacError(thrown);
    if (code !== "input_required") throw thrown;
    const hint = `sign in on a terminal: eac login ${shellWord(run.profile)}`;
    throw new EacError(code, message, { hint, place });
  }
}

async function runFor<T>(
  context: Context,
  run: CustomRun,
  step: CustomStep,
  calls: StrategyCalls,
  work: (strategy: RegisteredStrategy, services: Services) => Promise<T>,
): Promise<T> {
  const strategy = await strategyOf(context, step);
  const printed = stderrOf(context);
  const services = servicesFor(context, run, step, calls, printed.write);
  const running = async () => {
    try {
      return await work(strategy, services);
    } finally {
      printed.end();
    }
  };
  const text = `waiting for strategy ${step.strategy} (${run.profile})`;
  const shown = () =>
    context.host.stderr.isTerminal && !strategy.usesTerminal
      ? withProgress(context, text, running)
      : running();
  return strategy.asks ? await run.strategyQueue(shown) : await shown();
}

/** Loaded late: most runs wait for nothing. */
async function withProgress<T>(
  { host }: Context,
  text: string,
  work: () => Promise<T>,
): Promise<T> {
  const progress = await import("../terminal/progress.ts");
  return progress.withProgress(host, text, work);
}

async function strategyOf(context: Context, step: CustomStep): Promise<RegisteredStrategy> {
  const { strategies } = await strategiesOf(context);
  const found = strategies.find(({ name, obtain, signIn }) =>
    name === step.strategy && (obtain ?? signIn) !== undefined
  );
  if (found !== undefined) return found;
  throw new EacError("internal", `strategy "${step.strategy}" is gone`);
}

function servicesFor(
  context: Context,
  { questions, profile, target }: CustomRun,
  step: CustomStep,
  calls: StrategyCalls,
  say: Services["say"],
): Services {
  return {
    ...calls,
    ask(question, secret) {
      const from = `${step.strategy} (${profile})`;
      return questions(() => ask(context, from, question, secret));
    },
    choose(question, choices) {
      const from = `${step.strategy} (${profile})`;
      return questions(() => choose(context, from, question, choices));
    },
    open: (url) => open(context, `${step.strategy} (${profile})`, url),
    region: target.region,
    stsEndpoint: target.url,
    caBundle: target.caBundle,
    unaskable: () => whyNoPrompt(context),
    say,
    show: (text) => show(context, `${step.strategy} (${profile})`, text),
  };
}

/** Lists the options, and asks for a number until it is one of them. */
async function choose(
  context: Context,
  from: string,
  question: string,
  choices: readonly string[],
): Promise<number> {
  const list = choices.map((choice, index) => `${index + 1}  ${choice}`).join("\n");
  if (whyNoPrompt(context) === undefined) show(context, from, list);
  for (;;) {
    const range = `${question.trim()} (1-${choices.length})`;
    const number = (await ask(context, from, range, false)).trim();
    if (/^\d{1,4}$/.test(number) && choices[Number(number) - 1]) return Number(number) - 1;
  }
}

/** Opens a URL in the browser, or shows it to the user if no browser can be opened. */
async function open(context: Context, from: string, url: string): Promise<boolean> {
  const why = whyNoPrompt(context);
  if (why !== undefined) {
    throw new EacError("input_required", `strategy ${from} opens a browser, but ${why}`, {
      hint: "run it in a terminal",
    });
  }
  const { openInBrowser } = await import("../sinks/browser.ts");
  try {
    const opened = whyNoBrowser(context.host) === undefined &&
      await openInBrowser(context.host, url) === "opened";
    if (opened) return true;
  } catch (thrown) {
    if (asEacError(thrown).code !== "exec_failed") throw thrown;
  }
  show(context, from, `open this URL in a browser: ${url}`);
  return false;
}

/**
 * Asks a question. It names the strategy and the profile, so that it does not look like eac's own.
 */
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

/** Shows lines that name the strategy and the profile, like questions do. */
function show({ host }: Context, from: string, text: string): void {
  const lines = text.trim().split(/\r?\n/).map((line) => `${printable(`${from}: ${line}`)}\n`);
  const device = host.stderr.isTerminal ? undefined : host.openTerminal();
  const resume = pauseProgress(host.stderr);
  (device ?? host.stderr).write(lines.join(""));
  resume();
  device?.close();
}

/**
 * What a strategy prints on stderr is shown as it comes: it may be a question, without an end of line. The
 * progress line is hidden until such a line ends.
 */
function stderrOf({ host, options }: Context) {
  let resume: (() => void) | undefined;
  const end = () => {
    resume?.();
    resume = undefined;
  };
  return {
    write(text: string): void {
      if (options.quiet || (options.json && !options.verbose)) return;
      // deno-lint-ignore no-control-regex -- the sequences that color a terminal
      const plain = text.replace(/\x1b\[[\d;]*m/g, "").replace(/\r\n?/g, "\n");
      resume ??= pauseProgress(host.stderr);
      host.stderr.write(printable(plain));
      if (plain.endsWith("\n")) end();
    },
    end,
  };
}
