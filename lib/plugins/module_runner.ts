/**
 * `eac __strategy FILE`: runs a custom module in a separate process. It speaks the same JSON as an
 * executable, and provides the module's context.
 *
 * @module
 */

import type { CaCerts, Host } from "../host/host.ts";
import type { ObtainContext, ObtainRequest, Want } from "../../strategies/strategy.ts";

/** A request on stdin. */
interface Request {
  readonly request: "describe" | "steps" | "obtain";
  readonly profile?: Readonly<Record<string, string>> | undefined;
  readonly credentials?: ObtainRequest["credentials"] | undefined;
  readonly token?: string | undefined;
  readonly interactive?: boolean | undefined;
  readonly region?: string | undefined;
  readonly stsEndpoint?: string | undefined;
  readonly settings?: { readonly wants: readonly Want[]; readonly caCerts?: CaCerts };
}

/** Milliseconds for the module to clean up after `signal` aborts. */
const GRACE = 500;

/** Either kind of strategy; the parent process checks which one it is. */
type Exported = Partial<
  & { steps(profile: unknown): unknown }
  & { obtain(request: ObtainRequest, context: ObtainContext): unknown }
>;

/** Answers the requests on stdin, until it ends. */
export async function runModule(host: Host, file: string): Promise<number> {
  let strategy: Exported | undefined;
  for (let line = await host.readLine(); line !== undefined; line = await host.readLine()) {
    const request: Request = JSON.parse(line);
    let answer: unknown;
    try {
      strategy ??= await load(host, file, request.settings?.wants ?? []);
      answer = await answerTo(host, strategy, request);
      if (answer === undefined) answer = null;
      host.stdout.write(`${JSON.stringify(answer)}\n`);
    } catch (thrown) {
      const { code, hint } = (thrown ?? {}) as Readonly<Record<string, unknown>>;
      host.stdout.write(`${JSON.stringify({ error: messageOf(thrown, file), code, hint })}\n`);
    }
    if (request.request !== "steps") break; // work that it left running does not count
  }
  return 0;
}

/** Loads the module, with access only to what it declared. */
async function load(host: Host, file: string, wants: readonly Want[]): Promise<Exported> {
  host.narrow({ net: wants.includes("fetch"), run: wants.includes("run"), ask: false });
  const module = await host.importFile(file, !wants.includes("files")) as {
    readonly default?: unknown;
  };
  const exported = module.default;
  if (typeof exported === "object" && exported !== null) return exported;
  throw new Error("it has no default export that is a strategy");
}

async function answerTo(host: Host, strategy: Exported, request: Request): Promise<unknown> {
  switch (request.request) {
    case "describe":
      return describe(strategy);
    case "steps":
      return await strategy.steps?.(request.profile ?? {});
    case "obtain": {
      const { profile = {}, credentials, token, interactive = false } = request;
      const given = { profile, interactive, credentials, token };
      const context = contextOf(host, request);
      // A module that ignores the signal is not waited for.
      const gaveUp = new Promise<void>((resolve) =>
        context.signal.addEventListener("abort", () => resolve(host.sleep(GRACE)))
      );
      return await Promise.race([strategy.obtain?.(given, context), gaveUp]);
    }
  }
}

/** All members, so that a misspelled one is found; functions as `true`. */
function describe(strategy: Exported): Record<string, unknown> {
  const members: Record<string, unknown> = { ...strategy };
  for (const name of ["steps", "obtain"] as const) { // methods of a class are inherited
    if (strategy[name] !== undefined) members[name] = strategy[name];
  }
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      name,
      typeof value === "function" ? true : value,
    ]),
  );
}

function contextOf(
  host: Host,
  { settings, region = "", stsEndpoint = "" }: Request,
): ObtainContext {
  const stop = new AbortController();
  host.onSignal(["SIGTERM"], () => stop.abort(new Error("the time is up")));
  host.onSignal(["SIGINT", "SIGHUP"], () => stop.abort(new Error("interrupted")));
  const call = caller(host);
  const limits = { signal: stop.signal, caCerts: settings?.caCerts };
  return {
    region,
    stsEndpoint,
    sts: {
      assumeRole: (role, credentials) => call("sts.assumeRole", { ...role, credentials }),
      getSessionToken: (session, credentials) =>
        call("sts.getSessionToken", { ...session, credentials }),
      assumeRoleWithSaml: (role) => call("sts.assumeRoleWithSaml", role),
      assumeRoleWithWebIdentity: (role) => call("sts.assumeRoleWithWebIdentity", role),
    },
    mfa: { code: (serial) => call("mfa.code", { serial }) },
    show: (text) => call("show", { text }),
    choose: (question, options) => call("choose", { question, options }),
    open: (url) => call("open", { url: String(url) }),
    ask: (question, { secret = false } = {}) => call("ask", { question, secret }),
    fetch(url, init) {
      if (settings?.wants.includes("fetch")) return host.fetcher(limits)(url, init);
      return Promise.reject(new Error('fetch needs "fetch" in "wants"'));
    },
    log: (...words) => host.stderr.write(`${words.map(shown).join(" ")}\n`),
    signal: stop.signal,
  };
}

/** Sends calls to eac one after the other, so that each gets its own reply. */
function caller(host: Host): <T>(name: string, parameters: object) => Promise<T> {
  let before: Promise<unknown> = Promise.resolve();
  return <T>(name: string, parameters: object) => {
    const reply = before.then(async () => {
      host.stdout.write(`${JSON.stringify({ ...parameters, call: name })}\n`);
      const line = await host.readLine();
      if (line === undefined) throw new Error("eac has exited");
      const { result, error } = JSON.parse(line);
      if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
      return result as T;
    });
    before = reply.catch(() => {});
    return reply;
  };
}

function shown(word: unknown): string {
  if (typeof word === "string") return word;
  return word instanceof Error ? word.message : JSON.stringify(word) ?? String(word);
}

/** The error message, with the line of the file. */
function messageOf(thrown: unknown, file: string): string {
  if (!(thrown instanceof Error)) return shown(thrown);
  const name = file.replaceAll("\\", "/").split("/").at(-1) ?? file;
  const stack = thrown.stack?.replace(/^.*?\n(?=\s*at )/s, "") ?? "";
  const where = [thrown.message, stack].map((text) => lineIn(text, name)).find(Boolean);
  const [first = ""] = thrown.message.replace(/ at file:\S+$/, "").split("\n");
  const message = withWant(first);
  const plain = message !== first || thrown.name === "Error" || thrown.name === "EacError" ||
    /^\w*Error:/.test(message);
  const kind = plain ? "" : `${thrown.name}: `;
  return `${kind}${message}${where === undefined ? "" : ` (${name}:${where})`}`;
}

/** Deno's error for a missing permission advises flags of Deno; the author needs the entry in `wants`. */
function withWant(message: string): string {
  const [, access = "", target = ""] = /^Requires (\w+) access(?: to (".*?"))?/.exec(message) ?? [];
  const want = { read: "files", write: "files", net: "fetch", run: "run" }[access];
  return want === undefined
    ? message
    : `it cannot ${VERBS[want]} ${target || "anything"} without "${want}" in "wants"`;
}

const VERBS: Readonly<Record<string, string>> = {
  files: "access",
  fetch: "connect to",
  run: "run",
};

function lineIn(text: string, name: string): string | undefined {
  const at = text.indexOf(`/${encodeURIComponent(name)}:`);
  return at < 0 ? undefined : /:(\d+):\d+/.exec(text.slice(at))?.[1];
}
