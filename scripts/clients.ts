/**
 * `deno task clients [--binary FILE] [--write]`: tests real AWS clients with the credentials of the
 * compiled program, in every way it provides them, and checks their identity and region. `--write` puts the
 * table into docs/clients.md. Exits 1 if a client has another identity or region.
 *
 * The clients are installed in `$EAC_CLIENTS_DIR`, by default a folder in the user's cache, and
 * reused.
 *
 * @module
 */

import { join } from "../lib/config/locations.ts";
import { type Emulator, startEmulator } from "../lib/emulator/emulator.ts";
import { realHost } from "../lib/host/real.ts";
import { WORLD } from "../tests/support/world.ts";
import { compileHere } from "./compile.ts";

const REGION = "eu-central-1";
const RIGHT = "arn:aws:sts::123456789012:assumed-role/Open/";

const CONFIG = `[profile open]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = alice
destination_profile = open-temp
region = ${REGION}
`;
const CREDENTIALS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;
const BOB_KEYS = `aws_access_key_id = AKIA111111111EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY
`;
const DEFAULT_BOB = `[default]\n${BOB_KEYS}`;

/** A home folder, and how a client gets its credentials there. `CLIENT` is the client. */
interface Case {
  readonly name: string;
  readonly config?: string;
  readonly credentials?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Run first, in a shell. */
  readonly prepare?: string;
  readonly line: string;
}

const STORED = { prepare: "eac get open", env: { AWS_PROFILE: "open-temp" }, line: "CLIENT" };
const LINKED = { prepare: "eac link open auto", env: { AWS_PROFILE: "auto" }, line: "CLIENT" };
const SERVED = "eac exec --serve open -- CLIENT";

/** The ways to provide credentials, in various environments; each is one line. */
const CASES: readonly Case[] = [
  { name: "stored by `get`", ...STORED },
  { name: "stored by `get`, keys in `[default]`", credentials: DEFAULT_BOB, ...STORED },
  { name: "`link`", ...LINKED },
  { name: "`link`, keys in `[default]`", credentials: DEFAULT_BOB, ...LINKED },
  { name: "`env`", line: 'eval "$(eac env open)"; CLIENT' },
  {
    name: "`env`, another `AWS_PROFILE`",
    credentials: `[bob]\n${BOB_KEYS}`,
    env: { AWS_PROFILE: "bob" },
    line: 'eval "$(eac env open)"; CLIENT',
  },
  {
    name: "`env --format dotenv`, another `AWS_PROFILE`",
    credentials: `[bob]\n${BOB_KEYS}`,
    env: { AWS_PROFILE: "bob" },
    line: "eac env open --format dotenv > .env; set -a; . ./.env; set +a; CLIENT",
  },
  { name: "`exec`", line: "eac exec open -- CLIENT" },
  {
    name: "`exec`, keys in `[default]`",
    credentials: DEFAULT_BOB,
    line: "eac exec open -- CLIENT",
  },
  { name: "`exec --serve`", line: SERVED },
  { name: "`exec --serve`, keys in `[default]`", credentials: DEFAULT_BOB, line: SERVED },
  {
    name: "`exec --serve`, keys in `[default]` of the config file",
    config: DEFAULT_BOB,
    line: SERVED,
  },
  {
    name: "`exec --serve`, a role in `[default]`",
    config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/Short\nsource_profile = alice\n",
    line: SERVED,
  },
  {
    name: "`exec --serve`, a process in `[default]`",
    config: "[default]\ncredential_process = false\n",
    line: SERVED,
  },
  {
    name: "`exec --serve`, another `AWS_PROFILE`",
    credentials: `[bob]\n${BOB_KEYS}`,
    env: { AWS_PROFILE: "bob" },
    line: SERVED,
  },
  {
    name: "`exec --serve`, keys in the environment",
    env: {
      AWS_ACCESS_KEY_ID: "AKIA111111111EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
    },
    line: SERVED,
  },
  {
    name: "`exec --serve` in `exec --serve`",
    line: "eac exec --serve alice -- eac exec --serve open -- CLIENT",
  },
  {
    name: "`exec` in `exec --serve`",
    line: "eac exec --serve alice -- eac exec open -- CLIENT",
  },
];

/** A client: a command that prints `{"arn", "region"}` as JSON; the region may be absent. */
interface Client {
  readonly name: string;
  readonly command: readonly string[];
}

const PYTHON = `import boto3, json
session = boto3.Session()
client = session.client("sts")
print(json.dumps({"arn": client.get_caller_identity()["Arn"], "region": session.region_name}))
`;
const JAVASCRIPT = `import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
const client = new STSClient({});
const { Arn } = await client.send(new GetCallerIdentityCommand({}));
console.log(JSON.stringify({ arn: Arn, region: await client.config.region() }));
`;

const decoder = new TextDecoder();

/** Runs a program; `undefined` if it does not exist. */
async function output(
  command: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<{ code: number; stdout: string; stderr: string } | undefined> {
  try {
    const [program, ...args] = command;
    const ended = await new Deno.Command(program!, { ...options, args, stdin: "null" }).output();
    return {
      code: ended.code,
      stdout: decoder.decode(ended.stdout),
      stderr: decoder.decode(ended.stderr),
    };
  } catch {
    return undefined;
  }
}

/** Installs missing clients; those that cannot be installed are skipped with a message. */
async function installClients(folder: string): Promise<Client[]> {
  Deno.mkdirSync(folder, { recursive: true });
  const clients: Client[] = [];
  const bin = `${folder}/venv/bin`;
  const has = () => output([`${bin}/python`, "-c", "import boto3, awscli"]);
  if ((await has())?.code !== 0) {
    console.error("installing boto3 and the AWS CLI 1");
    await output(["python3", "-m", "venv", `${folder}/venv`]);
    await output([`${bin}/pip`, "install", "--quiet", "boto3", "awscli"]);
  }
  if ((await has())?.code === 0) {
    Deno.writeTextFileSync(`${folder}/probe.py`, PYTHON);
    const { stdout } = (await output([`${bin}/pip`, "list", "--format=freeze"]))!;
    const version = (name: string) => new RegExp(`^${name}==(.*)$`, "m").exec(stdout)?.[1] ?? "";
    clients.push({
      name: `boto3 ${version("boto3")}`,
      command: [`${bin}/python`, `${folder}/probe.py`],
    });
    clients.push({ name: `AWS CLI ${version("awscli")}`, command: [`${bin}/aws`] });
  } else console.error("skipped: boto3 and the AWS CLI 1, which cannot be installed");

  const second = clients.length;
  for (const aws of ["aws", "/usr/local/bin/aws", "/usr/bin/aws"]) {
    const { stdout } = await output([aws, "--version"]) ?? { stdout: "" };
    const version = /^aws-cli\/(2\S*)/.exec(stdout)?.[1];
    if (version === undefined || clients.length > second) continue;
    clients.push({ name: `AWS CLI ${version}`, command: [aws] });
  }
  if (clients.length === second) console.error("skipped: the AWS CLI 2, which is not installed");

  const root = new URL("..", import.meta.url).pathname;
  const probe = `${folder}/probe.ts`;
  Deno.writeTextFileSync(probe, JAVASCRIPT);
  const config = JSON.parse(Deno.readTextFileSync(`${root}/deno.json`));
  const sdk = /@([\d.]+)$/.exec(config.imports["@aws-sdk/client-sts"])?.[1] ?? "";
  // Installed here, since a client runs without the variables that name a proxy or its certificate.
  const options = ["--no-lock", `--config=${root}/deno.json`];
  if ((await output([Deno.execPath(), "cache", "--quiet", ...options, probe]))?.code === 0) {
    clients.push({
      name: `SDK for JavaScript ${sdk}`.trim(),
      command: [Deno.execPath(), "run", "-A", "--cached-only", ...options, probe],
    });
  } else console.error("skipped: the SDK for JavaScript, which cannot be installed");
  return clients;
}

/** How the output of a client compares with the expected one. */
type Verdict = "right" | "another identity" | "another region" | "no credentials";

/** Runs a client in its own home folder. */
async function testClient(
  binary: string,
  emulator: Emulator,
  { config = "", credentials = "", env, prepare, line }: Case,
  { command }: Client,
): Promise<Verdict> {
  const home = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${home}/.aws`);
    Deno.mkdirSync(`${home}/bin`);
    Deno.symlinkSync(binary, `${home}/bin/eac`);
    Deno.writeTextFileSync(`${home}/.aws/config`, CONFIG + config);
    Deno.writeTextFileSync(`${home}/.aws/credentials`, CREDENTIALS + credentials, { mode: 0o600 });
    const cli = command.length === 1;
    const words = cli
      ? [...command, "--endpoint-url", emulator.url, "sts", "get-caller-identity"]
      : command;
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const shared = {
      HOME: home,
      PATH: `${home}/bin:${Deno.env.get("PATH")}`,
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      AWS_ENDPOINT_URL_STS: emulator.url,
      AWS_EC2_METADATA_DISABLED: "true",
    };
    const options = { clearEnv: true, cwd: home };
    if (prepare !== undefined) await output(["sh", "-c", prepare], { ...options, env: shared });
    const ended = await output(["sh", "-c", line.replace("CLIENT", quoted)], {
      ...options,
      env: { ...shared, ...env },
    });
    const answer = /\{[\s\S]*\}/.exec(ended?.stdout ?? "")?.[0];
    if (answer === undefined) {
      console.error(ended?.stderr);
      return "no credentials";
    }
    const result = JSON.parse(answer);
    const arn = String(result.arn ?? result.Arn);
    if (!arn.startsWith(RIGHT)) return "another identity";
    return result.region === undefined || result.region === REGION ? "right" : "another region";
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

const MARKS: Readonly<Record<Verdict, string>> = {
  "right": "yes",
  "another identity": "**another identity**",
  "another region": "another region",
  "no credentials": "no",
};

/** `--binary`, or the compiled program; `undefined`, with a message, if it cannot be compiled. */
async function binaryToTest(): Promise<string | undefined> {
  const at = Deno.args.indexOf("--binary");
  if (at >= 0) return Deno.realPathSync(Deno.args[at + 1]!);
  const binary = `${Deno.makeTempDirSync({ prefix: "eac-clients-" })}/eac`;
  try {
    await compileHere("main.ts", binary);
    return binary;
  } catch (error) {
    console.error(`no client was tested: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

if (import.meta.main) {
  const binary = await binaryToTest();
  if (binary === undefined) Deno.exit(0);
  const host = realHost();
  const cache = Deno.env.get("EAC_CLIENTS_DIR") ??
    join("linux", Deno.env.get("HOME") ?? "/tmp", ".cache/eac-clients");
  const clients = await installClients(cache);
  const emulator = startEmulator({ ...host, now: () => Date.now() }, WORLD);
  const lines = [
    `| | ${clients.map(({ name }) => name).join(" | ")} |`,
    `| --- |${" --- |".repeat(clients.length)}`,
  ];
  let wrong = 0;
  for (const one of CASES) {
    const verdicts = await Promise.all(
      clients.map((client) => testClient(binary, emulator, one, client)),
    );
    wrong += verdicts.filter((verdict) => verdict !== "right").length;
    lines.push(`| ${one.name} | ${verdicts.map((verdict) => MARKS[verdict]).join(" | ")} |`);
    console.log(lines.at(-1));
  }
  await emulator.stop();
  if (Deno.args.includes("--write")) {
    const file = new URL("../docs/clients.md", import.meta.url);
    const text = Deno.readTextFileSync(file);
    Deno.writeTextFileSync(
      file,
      text.replace(/\n\|[\s\S]*?\n\n/, () => `\n${lines.join("\n")}\n\n`),
    );
    await output([Deno.execPath(), "fmt", "-q", file.pathname]);
  }
  console.log(
    wrong === 0 ? "all clients have the identity of the named profile" : `${wrong} do not`,
  );
  Deno.exit(wrong === 0 ? 0 : 1);
}
