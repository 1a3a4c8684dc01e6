/**
 * Has V8 compile the functions of a warm run together with their file. V8 otherwise only skims a
 * function first, and reads it again when it is called: for nearly 200 functions of a `process` with
 * cached credentials that takes 1 ms of 33.
 *
 * @module
 */

import { startEmulator } from "../lib/emulator/emulator.ts";
import { realHost } from "../lib/host/real.ts";

/** The positions of a function in its file: from its first word to the end of its body. */
export interface FunctionRange {
  readonly start: number;
  readonly end: number;
  readonly isCalled: boolean;
}

const ROLE = "arn:aws:iam::123456789012:role/role";
const KEY = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

/** The runs that other programs and users wait for most often. */
const RUNS = [
  ["process", "role"],
  ["env", "role"],
  ["exec", "role", "--", Deno.execPath(), "--version"],
];

/**
 * Rewrites these files of a bundle whose entry is `main.js`.
 *
 * @throws {Error} if the program does not run, or calls no function of a file
 */
export async function compileEagerly(folder: string, files: readonly string[]): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "eac-bundle-" });
  try {
    await runAll(folder, home);
    for (const file of files) {
      const functions = readCoverage(`${home}/coverage`, file);
      const code = withEagerFunctions(Deno.readTextFileSync(`${folder}/${file}`), functions);
      Deno.writeTextFileSync(`${folder}/${file}`, code);
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/**
 * The code with the called functions of its top level as parenthesized expressions, which is what V8
 * compiles at once. They precede all other code, because declarations are hoisted too.
 */
export function withEagerFunctions(code: string, functions: readonly FunctionRange[]): string {
  const eager: string[] = [];
  const rest: string[] = [];
  let at = 0;
  for (const { start, end, isCalled } of functions.toSorted((a, b) => a.start - b.start)) {
    if (start < at) continue; // within the one before
    rest.push(code.slice(at, start));
    at = end;
    const text = code.slice(start, end);
    const isStatement = start === 0 || ";}\n".includes(code[start - 1]!);
    const declaration = /^(async )?function(\*)? ?([\w$]+)(?=\()/.exec(text);
    if (isCalled && isStatement && declaration !== null) {
      const [head, async = "", star = "", name] = declaration;
      eager.push(`${name}=(${async}function${star}${text.slice(head.length)})`);
    } else rest.push(text);
  }
  if (eager.length === 0) throw new Error("no run calls a function of this file");
  return `var ${eager.join()};${rest.join("")}${code.slice(at)}`;
}

/** Runs the commands against an STS on loopback; V8's reports are in `coverage` below this HOME. */
async function runAll(folder: string, home: string): Promise<void> {
  const emulator = startEmulator(realHost(), {
    users: [{ arn: "arn:aws:iam::123456789012:user/ci", accessKeys: [KEY] }],
    roles: [{ arn: ROLE, trust: { principals: ["123456789012"] } }],
  });
  try {
    await Deno.mkdir(`${home}/.aws`);
    await Deno.writeTextFile(
      `${home}/.aws/credentials`,
      `[ci]\naws_access_key_id = ${KEY.id}\naws_secret_access_key = ${KEY.secret}\n`,
    );
    await Deno.writeTextFile(
      `${home}/.aws/config`,
      `[profile role]\nrole_arn = ${ROLE}\nsource_profile = ci\nregion = us-east-1\n`,
    );
    const env = { HOME: home, USERPROFILE: home, AWS_ENDPOINT_URL_STS: emulator.url };
    await runBundle(folder, ["main.js", "process", "role"], env); // fills the cache
    for (const argv of RUNS) {
      await runBundle(folder, [`--coverage=${home}/coverage`, "main.js", ...argv], env);
    }
  } finally {
    await emulator.stop();
  }
}

/** Runs the bundle with this environment alone: the builder's must not change what is built. */
async function runBundle(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  // Windows opens no socket without it.
  const SystemRoot = Deno.env.get("SystemRoot");
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--no-lock", "--no-code-cache", ...args],
    cwd: folder,
    clearEnv: true,
    env: { ...env, ...(SystemRoot && { SystemRoot }) },
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(`the bundle does not run: ${new TextDecoder().decode(stderr)}`);
}

/** The functions of a file in a folder of V8's coverage reports, one report for each file of a run. */
function readCoverage(folder: string, file: string): FunctionRange[] {
  const found = new Map<string, FunctionRange>();
  const reports = [...Deno.readDirSync(folder)].map(({ name }): Report =>
    JSON.parse(Deno.readTextFileSync(`${folder}/${name}`))
  );
  for (const { url, functions } of reports) {
    if (!url.endsWith(`/${file}`)) continue;
    for (const { ranges: [{ startOffset: start, endOffset: end, count }] } of functions) {
      if (start === 0) continue; // the code of the file itself
      const isCalled = count > 0 || found.get(`${start}-${end}`)?.isCalled === true;
      found.set(`${start}-${end}`, { start, end, isCalled });
    }
  }
  return [...found.values()];
}

/** V8's report: the first range of a function is the whole of it. */
interface Report {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly [{ startOffset: number; endOffset: number; count: number }];
  }[];
}
