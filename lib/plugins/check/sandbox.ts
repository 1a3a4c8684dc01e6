/**
 * A sandbox for the tests of a strategy: a temporary home, an STS that knows every role, the server,
 * files and programs of the test, and a terminal that types its answers.
 *
 * @module
 */

import { folderOf, join } from "../../config/locations.ts";
import { type Emulator, startEmulator } from "../../emulator/emulator.ts";
import { createIdToken, createSamlResponse, type IdClaims } from "../../emulator/proofs.ts";
import { totp } from "../../emulator/totp.ts";
import type { Role } from "../../emulator/world.ts";
import type { RunLine } from "../../context.ts";
import type { Host, LoopbackServer, TerminalDevice } from "../../host/host.ts";
import { EacError } from "../../errors.ts";
import { Secret } from "../../plan/credentials.ts";
import type { RegisteredStrategy } from "../../plan/strategy.ts";
import { loadFiles } from "../registry.ts";
import { DEVICE, type Test } from "./test_file.ts";

/** The result of a run of eac. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A sandbox, until it is closed. */
export interface Sandbox {
  /** Runs eac with the strategy before the built-in ones. */
  eac(...argv: readonly string[]): Promise<Ended>;
  /** The calls that STS got so far, in the form that tests use. */
  calls(): readonly string[];
  close(): Promise<void>;
}

/** Long-lived keys from AWS's documentation, and an MFA device. */
const KEY = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const USER = "arn:aws:iam::123456789012:user/user";
const SECRET = "JBSWY3DPEHPK3PXP";

/** The profile that uses the token, if the strategy is a sign-in. */
export const TOKEN_PROFILE = "uses-the-token";

/** The key by which {@linkcode TOKEN_STRATEGY} serves that profile. */
const TOKEN_KEY = "eac_check_uses_token";

/** Takes the token of a sign-in, which gives no credentials by itself. */
const TOKEN_STRATEGY: RegisteredStrategy = {
  api: 1,
  name: "eac-check-takes-token",
  summary: "uses the token of a sign-in",
  needs: [[TOKEN_KEY]],
  reads: [],
  steps: ({ name }) => [{
    call: "Custom",
    strategy: "eac-check-takes-token",
    summary: name,
    keys: {},
    cacheKey: crypto.randomUUID(), // each run needs the token
  }],
  obtain(_step, { token }) {
    if (token === undefined) throw new EacError("internal", "the sign-in gave no token");
    return Promise.resolve({
      accessKeyId: KEY.id,
      secretAccessKey: new Secret(KEY.secret),
      sessionToken: new Secret("token"),
      expiration: Date.parse("9999-01-01T00:00:00Z"),
    });
  },
};

/** Prepares a sandbox in an empty folder. */
export async function startSandbox(
  host: Host,
  home: string,
  file: string,
  test: Test,
  runLine: RunLine,
): Promise<Sandbox> {
  const emulator = startSts(host);
  const server = host.serve((request) => serve(host, emulator, test, request));
  const code = await totp(SECRET, host.now());
  writeHome(host, home, test, server, code);
  const at = sandboxHost(host, home, emulator, server, test, code);
  const inFolder = (name: string) => join(host.os, folderOf(host.os, file), name);
  const loaded = await loadFiles(at, [file, ...(test.strategies ?? []).map(inFolder)]);
  const strategies = [...loaded.strategies, TOKEN_STRATEGY];
  return {
    async eac(...argv) {
      const printed = { stdout: "", stderr: "" };
      const recording: Host = {
        ...at,
        stdout: { isTerminal: false, write: (text) => void (printed.stdout += text) },
        stderr: { isTerminal: false, write: (text) => void (printed.stderr += text) },
      };
      const ended = await runLine(argv, recording, strategies);
      await loaded.close();
      return { code: ended, ...printed };
    },
    calls: () => emulator.calls.map(({ action, parameters }) => spell(action, parameters)),
    async close() {
      await server.stop();
      await emulator.stop();
    },
  };
}

function spell(action: string, { RoleArn, TokenCode }: Readonly<Record<string, string>>): string {
  return action + (RoleArn ? ` ${RoleArn}` : "") + (TokenCode ? " with a code" : "");
}

/** An STS in which every role exists and trusts every principal. */
function startSts(host: Host): Emulator {
  const roles: Role[] = [];
  const user = {
    arn: USER,
    accessKeys: [KEY],
    mfaDevices: [{ serial: DEVICE, secret: SECRET }],
  };
  const emulator = startEmulator(
    {
      ...host,
      serve: (answer) =>
        host.serve(async (request, peer) => {
          const body = await request.text();
          const arn = new URLSearchParams(body).get("RoleArn");
          if (arn !== null && !emulator.world.roles.some((role) => role.arn === arn)) {
            const role = { arn, trust: { principals: ["*"] }, maxSessionDuration: 43_200 };
            (emulator.world.roles as Role[]).push(role);
          }
          const { url, method, headers } = request;
          return answer(new Request(url, { method, headers, body }), peer);
        }),
    },
    { users: [user], roles },
  );
  return emulator;
}

/** The server that a strategy calls instead of the company's. */
function serve(host: Host, emulator: Emulator, test: Test, request: Request): Response {
  const { origin, pathname } = new URL(request.url);
  const found = test.serve?.[`${request.method} ${pathname}`];
  if (found === undefined) return new Response("not in the test\n", { status: 404 });
  const withServer = (text: string) => text.replaceAll("{server}", origin);
  const text = withServer(found.text ?? JSON.stringify(found.json ?? {})).replace(
    /\{(AccessKeyId|SecretAccessKey|SessionToken|Expiration|SAMLResponse|IdToken)\}/g,
    (_, name: string) =>
      name === "SAMLResponse"
        ? createSamlResponse({ roles: test.saml ?? [], notOnOrAfter: host.now() + MINUTES_5 })
        : name === "IdToken"
        ? createIdToken(idClaims(host))
        : issued(host, emulator)[name] ?? "",
  );
  const type = found.text === undefined ? "application/json" : "text/plain; charset=utf-8";
  const headers = new Headers({ "content-type": type });
  for (const [name, value] of Object.entries(found.headers ?? {})) {
    headers.set(name, withServer(value));
  }
  return new Response(text, { status: found.status ?? 200, headers });
}

/** How long an assertion and an ID token are valid, in milliseconds. */
const MINUTES_5 = 300_000;

/** The claims of a test's ID token. */
function idClaims(host: Host): IdClaims {
  return {
    iss: "https://idp.example.com",
    sub: "alice",
    aud: "eac-check",
    exp: Math.floor((host.now() + MINUTES_5) / 1000),
  };
}

/** Temporary credentials that the emulator accepts; the same ones for the whole test. */
function issued(host: Host, { world }: Emulator): Record<string, string> {
  const id = "ASIAIOSFODNN7EXAMPLE";
  const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYTEMPORARYK";
  const token = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";
  const expiration = Math.floor(host.now() / 1000) * 1000 + 3_600_000;
  if (!world.sessions.some((session) => session.id === id)) {
    world.sessions.push({
      id,
      secret,
      token,
      expiration,
      principal: USER,
      arn: USER,
      userId: "AIDAUSEREXAMPLEEXAMPL",
      chained: false,
    });
  }
  return {
    AccessKeyId: id,
    SecretAccessKey: secret,
    SessionToken: token,
    Expiration: new Date(expiration).toISOString(),
  };
}

function writeHome(
  host: Host,
  home: string,
  test: Test,
  server: LoopbackServer,
  code: string,
): void {
  const write = (text: string, mode: number, ...path: string[]) => {
    host.createFile(join(host.os, home, ...path), new TextEncoder().encode(text), mode);
  };
  const withServer = (text: string) => text.replaceAll("{server}", server.url);
  const tokenProfile = { [TOKEN_KEY]: "yes", source_profile: "test" };
  const all = { test: test.profile, [TOKEN_PROFILE]: tokenProfile, ...test.profiles };
  const profiles = Object.entries(all).map(([name, keys]) => {
    const lines = Object.entries(keys).map(([key, value]) => `${key} = ${withServer(value)}\n`);
    return `[profile ${name}]\n${lines.join("")}`;
  });
  host.makeFolder(join(host.os, home, ".aws"), 0o700);
  host.makeFolder(join(host.os, home, "bin"), 0o700);
  write(profiles.join(""), 0o600, ".aws", "config");
  write(
    `[user]\naws_access_key_id = ${KEY.id}\naws_secret_access_key = ${KEY.secret}\n`,
    0o600,
    ".aws",
    "credentials",
  );
  for (const [name, script] of Object.entries(test.programs ?? {})) {
    write(script.replaceAll("{code}", code), 0o700, "bin", name);
  }
  for (const [path, text] of Object.entries(test.files ?? {})) {
    const parts = path.split("/");
    if (parts.length > 1) host.makeFolder(join(host.os, home, ...parts.slice(0, -1)), 0o700);
    write(withServer(text), 0o600, ...parts);
  }
}

function sandboxHost(
  host: Host,
  home: string,
  emulator: Emulator,
  server: LoopbackServer,
  test: Test,
  code: string,
): Host {
  const { PATH = "", HOME = "", DENO_DIR } = host.env;
  const inherited = Object.entries(host.env).filter(([name]) => !/^(AWS|EAC)_|^CI$/.test(name));
  const bin = join(host.os, home, "bin");
  const variables = Object.fromEntries(
    Object.entries(test.env ?? {}).map(([name, value]) => [
      name,
      value.replaceAll("{server}", server.url),
    ]),
  );
  const terminal = user(test.answers ?? [], code);
  return {
    ...host,
    env: {
      ...Object.fromEntries(inherited),
      HOME: home,
      USERPROFILE: home,
      PATH: `${bin}${host.os === "windows" ? ";" : ":"}${PATH}`,
      AWS_ENDPOINT_URL_STS: emulator.url,
      AWS_REGION: "us-east-1",
      BROWSER: "of the test",
      ...variables,
      // When run from source, eac starts itself with Deno, which would look for its packages in this home.
      ...(host.executable().length > 1 ? { DENO_DIR: DENO_DIR ?? `${HOME}/.cache/deno` } : {}),
    },
    // A fake browser that loads the page without following redirects.
    async launch({ args = [] }) {
      const page = await host.fetcher({ signal: AbortSignal.timeout(10_000) })(args.at(-1) ?? "", {
        redirect: "manual",
      });
      await page.body?.cancel();
    },
    openTerminal: () => test.terminal === false ? undefined : terminal,
    // The check continues after the run.
    narrow() {},
  };
}

/** Types the MFA device's code when asked for one, else the next answer of the test. */
function user(answers: readonly string[], code: string): TerminalDevice {
  let question = "";
  let next = 0;
  return {
    read() {
      const answer = question.includes("MFA code") ? code : answers[next++];
      question = "";
      return Promise.resolve(
        answer === undefined ? undefined : new TextEncoder().encode(`${answer}\r`),
      );
    },
    write: (text) => void (question += text),
    setRaw() {},
    size: () => ({ columns: 80, rows: 24 }),
    close() {},
  };
}
