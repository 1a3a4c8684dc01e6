/**
 * Runs a custom strategy: sends the request, serves its calls, reads the answer.
 *
 * @module
 */

import type { Credentials, SignIn } from "../plan/credentials.ts";
import type { FederatedCall, Services } from "../plan/services.ts";
import type { CustomStep } from "../plan/step.ts";
import { asEacError, EacError } from "../errors.ts";
import type { Host, SignalName } from "../host/host.ts";
import { interruptedBy } from "../host/interruption.ts";
import type { Given } from "../plan/strategy.ts";
import type { Want } from "../../strategies/strategy.ts";
import { readAnswer, readGivenCredentials, readKeys, readSignInAnswer, spell } from "./answer.ts";
import { type CallName, readCall, readFederatedCall } from "./calls.ts";
import { InvalidField, listOf, membersOf, textOf } from "./validate.ts";
import { accept, type ChildHost, parse, startChild, strategyEnv } from "./child.ts";
import { type Described, LONGEST_TIMEOUT } from "./description.ts";
import type { StrategyFile } from "./strategy_file.ts";
import { createRedactor, type Redactor } from "./redact.ts";

/** The parts of the Host that a run takes. */
export type RunHost = ChildHost & Pick<Host, "now" | "readFile" | "onSignal" | "sleep">;

/** Gets credentials from the strategy. */
export async function runStrategy(
  host: RunHost,
  file: StrategyFile,
  described: Described,
  step: CustomStep,
  given: Given,
): Promise<Credentials> {
  const read = (value: unknown) =>
    described.gives === "keys"
      ? readKeys(value)
      : readAnswer(value, host.now(), described.maxDuration);
  return await run(host, file, described, step, given, read);
}

/** Gets the token of a sign-in from the strategy. */
export async function runSignIn(
  host: RunHost,
  file: StrategyFile,
  described: Described,
  step: CustomStep,
  given: Given,
): Promise<SignIn> {
  const read = (value: unknown) => readSignInAnswer(value, host.now(), described.maxDuration);
  return await run(host, file, described, step, given, read);
}

async function run<T>(
  host: RunHost,
  file: StrategyFile,
  described: Described,
  step: CustomStep,
  given: Given,
  read: (value: unknown) => T,
): Promise<T> {
  const stop = new AbortController();
  const interruption = interruptions(host, stop);
  try {
    const result = await runUntil(stop, host, file, described, step, given, read);
    interruption.check();
    return result;
  } catch (thrown) {
    interruption.check();
    throw thrown;
  } finally {
    interruption.end();
  }
}

async function runUntil<T>(
  stop: AbortController,
  host: RunHost,
  file: StrategyFile,
  described: Described,
  step: CustomStep,
  given: Given,
  read: (value: unknown) => T,
): Promise<T> {
  const { wants, timeout } = described;
  const { services, credentials, token } = given;
  const redactor = createRedactor();
  addSecrets(redactor, credentials);
  redactor.add(token?.reveal());
  const stderr = redactor.stream((text) => services.say(text));
  const child = await startChild(host, file, {
    timeout,
    tooSlow: `"timeout" in its description may be up to ${LONGEST_TIMEOUT}`,
    env: strategyEnv(host.env, described, variablesOf(file, step, given)),
    heard: (text) => stderr.write(text),
    signal: stop.signal,
  });
  child.write(`${JSON.stringify(requestOf(host, file, wants, step, given))}\n`);
  // A program that reads stdin to its end would wait forever if it stayed open for replies.
  if (file.kind === "executable" && !wants.some((want) => ASKED_FOR.has(want))) child.hangUp();

  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stopped.catch(() => {});
  stop.signal.addEventListener("abort", () => reject(new EacError("interrupted", "interrupted")));

  const answer: string[] = [];
  let refusal: EacError | undefined;
  for (let line = await child.read(); line !== undefined; line = await child.read()) {
    const call = callIn(line);
    if (call === undefined) {
      answer.push(line);
      continue;
    }
    if (call === "broken") {
      stop.abort(); // it waits for a reply
      await child.end();
      stderr.end();
      throw child.failure("asked for something in a line that is not JSON", ONE_LINE);
    }
    try {
      const served = serve(call, wants, services, credentials, redactor);
      const result = await Promise.race([served, stopped]);
      child.write(`${JSON.stringify({ result })}\n`);
    } catch (thrown) {
      refusal = thrown instanceof InvalidField ? undefined : asEacError(thrown);
      if (refusal?.code === "interrupted") stop.abort();
      const message = thrown instanceof InvalidField ? thrown.message : refusal?.message;
      child.write(`${JSON.stringify({ error: { code: refusal?.code ?? "usage", message } })}\n`);
    }
  }
  try {
    const value = await child.finish(answer).finally(() => stderr.end());
    return accept(file.path, () => read(value));
  } catch (thrown) {
    // It failed because eac could not do what it asked for: that is the cause, and the exit code.
    if (refusal !== undefined) throw refusal;
    throw thrown instanceof EacError ? cleaned(thrown, redactor) : thrown;
  }
}

/** Milliseconds that a strategy has to clean up after Ctrl-C, which the terminal also sends to it. */
const CLEAN_UP = 1000;

/**
 * Takes over the signals that end eac while a strategy runs: it is stopped first, and may clean up. An
 * eac that ends at once would leave it behind.
 */
function interruptions(host: Pick<Host, "onSignal" | "sleep">, stop: AbortController) {
  let signal: SignalName | undefined;
  const stopListening = host.onSignal(["SIGINT", "SIGTERM", "SIGHUP"], (name) => {
    signal ??= name;
    if (name === "SIGINT") void host.sleep(CLEAN_UP).then(() => stop.abort());
    else stop.abort();
  });
  return {
    /** Throws `interrupted` if a signal came. */
    check() {
      if (signal !== undefined) throw interruptedBy(signal);
    },
    end: stopListening,
  };
}

/** The entries of `wants` for calls, which are printed on stdout and answered on stdin. */
const ASKED_FOR: ReadonlySet<Want> = new Set(["mfa", "sts", "ask"]);

function requestOf(
  host: RunHost,
  file: StrategyFile,
  wants: readonly Want[],
  { keys }: CustomStep,
  { credentials, token, services }: Given,
) {
  return {
    api: 1,
    request: "obtain",
    profile: keys,
    credentials: credentials === undefined ? undefined : spell(credentials),
    token: token?.reveal(),
    interactive: services.unaskable() === undefined,
    region: services.region,
    stsEndpoint: services.stsEndpoint,
    // For the module runner, not for the strategy.
    settings: file.kind === "module"
      ? { wants, caCerts: wants.includes("fetch") ? certificates(host, services) : undefined }
      : undefined,
  };
}

/** The PEM text of the CA bundle: without "files" a module cannot read it. */
function certificates(
  host: Pick<Host, "readFile">,
  { caBundle }: Services,
): Readonly<Record<"file" | "text", string>> | undefined {
  if (caBundle === undefined) return undefined;
  return { file: caBundle, text: new TextDecoder().decode(host.readFile(caBundle)) };
}

/**
 * The variables of an executable, so that a shell script need not parse JSON: the keys, and the
 * source's credentials in the variables that every AWS tool reads.
 */
function variablesOf(
  file: StrategyFile,
  { keys }: CustomStep,
  { credentials, token, services }: Given,
): Record<string, string> {
  if (file.kind === "module") return {};
  const variables: Record<string, string> = {
    EAC_REQUEST: "obtain",
    EAC_STS_REGION: services.region,
    EAC_STS_ENDPOINT: services.stsEndpoint,
  };
  if (services.caBundle !== undefined) variables.AWS_CA_BUNDLE = services.caBundle;
  for (const [path, value] of Object.entries(keys)) {
    variables[`EAC_KEY_${path.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`] = value;
  }
  if (token !== undefined) variables.EAC_TOKEN = token.reveal();
  if (credentials === undefined) return variables;
  const { AccessKeyId, SecretAccessKey, SessionToken } = spell(credentials);
  return {
    ...variables,
    AWS_ACCESS_KEY_ID: AccessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: SecretAccessKey ?? "",
    ...(SessionToken === undefined ? {} : { AWS_SESSION_TOKEN: SessionToken }),
    ...(keys.region ? { AWS_REGION: keys.region } : {}),
  };
}

const ONE_LINE = 'a call is one line of JSON: {"call": "sts.assumeRole", "roleArn": "..."}';

/** The call in a line; `undefined` for a part of the answer. */
function callIn(line: string): Readonly<Record<string, unknown>> | "broken" | undefined {
  const value = line.startsWith("{") ? parse(line) : undefined;
  if (typeof value === "object" && value !== null && "call" in value) {
    return value as Record<string, unknown>;
  }
  return value === undefined && /^\{\s*"call"/.test(line) ? "broken" : undefined;
}

const STS_CALLS: Readonly<Record<string, CallName>> = {
  "sts.assumeRole": "AssumeRole",
  "sts.getSessionToken": "GetSessionToken",
};

const FEDERATED_CALLS: Readonly<Record<string, FederatedCall["call"]>> = {
  "sts.assumeRoleWithSaml": "AssumeRoleWithSAML",
  "sts.assumeRoleWithWebIdentity": "AssumeRoleWithWebIdentity",
};

/** Does what the strategy asks for, if its `wants` allows it. */
async function serve(
  { call, ...parameters }: Readonly<Record<string, unknown>>,
  wants: readonly Want[],
  services: Services,
  source: Credentials | undefined,
  redactor: Redactor,
): Promise<unknown> {
  const wanted = (want: Want) => {
    if (wants.includes(want)) return;
    throw new InvalidField(`${call} needs "${want}" in "wants"`);
  };
  switch (call) {
    case "ask": {
      wanted("ask");
      const { question, secret } = membersOf(parameters, "ask", ["question", "secret"]);
      const text = await services.ask(textOf(question, "the question"), secret === true);
      if (secret === true) redactor.add(text);
      return text;
    }
    case "show": {
      wanted("ask");
      const { text } = membersOf(parameters, "show", ["text"]);
      if (typeof text !== "string" || text.trim() === "") {
        throw new InvalidField("the text of show is not a non-empty string");
      }
      services.show(redactor.clean(text));
      return true;
    }
    case "choose": {
      wanted("ask");
      const { question, options } = membersOf(parameters, "choose", ["question", "options"]);
      const text = textOf(question, "the question");
      const choices = listOf(options, '"options" of choose').map((option) =>
        textOf(option, 'an entry of "options" of choose')
      );
      if (choices.length === 0) throw new InvalidField('"options" of choose is empty');
      return choices.length === 1 ? choices[0] : choices[await services.choose(text, choices)];
    }
    case "open": {
      wanted("ask");
      const { url } = membersOf(parameters, "open", ["url"]);
      return services.open(pageOf(textOf(url, "the URL")));
    }
    case "mfa.code": {
      wanted("mfa");
      const { serial } = membersOf(parameters, "mfa.code", ["serial"]);
      const code = await services.code(textOf(serial, "the serial"));
      redactor.add(code);
      return code;
    }
    case "sts.assumeRole":
    case "sts.getSessionToken": {
      wanted("sts");
      const { code, credentials: signer, ...rest } = parameters;
      const step = readCall(STS_CALLS[call]!, rest, call);
      if (code === undefined && step.mfaSerial !== undefined) wanted("mfa");
      if (code !== undefined && !/^\d{6}$/.test(String(code))) {
        throw new InvalidField(`"code" of ${call} does not have six digits`);
      }
      const by = signer === undefined || signer === null ? source : readGivenCredentials(signer);
      if (by === undefined) {
        throw new InvalidField(`${call} needs credentials: its own, or "source" in "wants"`);
      }
      const given = code === undefined ? undefined : String(code);
      const got = await services.call(step, by, given);
      addSecrets(redactor, got);
      return spell(got);
    }
    case "sts.assumeRoleWithSaml":
    case "sts.assumeRoleWithWebIdentity": {
      wanted("sts");
      const federated = readFederatedCall(FEDERATED_CALLS[call]!, parameters, call);
      const proof = "token" in federated ? federated.token : federated.assertion;
      redactor.add(proof.reveal());
      const got = await services.federate(federated);
      addSecrets(redactor, got);
      return spell(got);
    }
    default:
      throw new InvalidField(`there is no call ${JSON.stringify(call)}`);
  }
}

/** A web URL: other schemes start programs or show files. */
function pageOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol)) return parsed.href;
  throw new InvalidField("the URL of open does not begin with https:// or http://");
}

function addSecrets(redactor: Redactor, credentials: Credentials | undefined): void {
  redactor.add(credentials?.secretAccessKey.reveal(), credentials?.sessionToken?.reveal());
}

/** The same error, without secrets in what it repeats of the strategy's output. */
function cleaned({ code, message, hint, place, exitCode }: EacError, redactor: Redactor): EacError {
  return new EacError(code, redactor.clean(message), {
    hint: hint === undefined ? undefined : redactor.clean(hint),
    place,
    exitCode,
  });
}
