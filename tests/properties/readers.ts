/**
 * All parsers read what eac writes in the same way: the AWS CLI's (botocore), the JavaScript SDK's
 * and eac's.
 *
 * @module
 */

import fc from "fast-check";
import { EditableIni } from "../../lib/config/ini_edit.ts";
import { parseSharedConfig } from "../../lib/config/shared_config.ts";
import { EacError } from "../../lib/errors.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { type Property } from "./property.ts";
import { oddText } from "./texts.ts";

/** Profiles as a reader sees them; `undefined` where it refuses the files. */
type Profiles = Record<string, Record<string, unknown>>;

/** A reader in a separate process, which is started once. */
interface Reader {
  read(config: string, credentials: string): Promise<Profiles | undefined>;
  end(): Promise<void>;
}

const BOTOCORE = `
import json, sys
from botocore import configloader
for line in sys.stdin:
    question = json.loads(line)
    try:
        profiles = configloader.load_config(question["config"])["profiles"]
        found = {name: dict(values) for name, values in profiles.items()}
        for name, values in configloader.raw_config_parse(question["credentials"]).items():
            found.setdefault(name, {}).update(values)
        print(json.dumps(found), flush=True)
    except Exception:
        print("null", flush=True)
`;

/** The SDK's own package: read beside the lock file, which names it, and not through it. */
const JAVASCRIPT = (version: string) => `
import { loadSharedConfigFiles } from "npm:@smithy/core@${version}/config";
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
for await (const line of lines) {
  const { config: configFilepath, credentials: filepath } = JSON.parse(line);
  const found = {};
  try {
    const files = await loadSharedConfigFiles({ configFilepath, filepath, ignoreCache: true });
    for (const [name, values] of [...Object.entries(files.configFile), ...Object.entries(files.credentialsFile)]) {
      found[name] = { ...found[name], ...values };
    }
    console.log(JSON.stringify(found));
  } catch {
    console.log("null");
  }
}`;

function start(command: string, args: readonly string[]): Reader {
  const folder = Deno.makeTempDirSync({ prefix: "eac-test-" });
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const line = async (): Promise<string> => {
    while (!rest.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`${command} ended`);
      rest += value;
    }
    const end = rest.indexOf("\n");
    const text = rest.slice(0, end);
    rest = rest.slice(end + 1);
    return text;
  };
  return {
    async read(config, credentials) {
      const paths = { config: `${folder}/config`, credentials: `${folder}/credentials` };
      Deno.writeTextFileSync(paths.config, config);
      Deno.writeTextFileSync(paths.credentials, credentials);
      await writer.write(new TextEncoder().encode(`${JSON.stringify(paths)}\n`));
      return JSON.parse(await line()) ?? undefined;
    },
    async end() {
      await writer.close();
      await reader.cancel();
      await child.status;
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

/** The version of a package that the lock file names. */
function lockedVersion(name: string): string | undefined {
  const lock = JSON.parse(Deno.readTextFileSync(new URL("../../deno.lock", import.meta.url)));
  const found = Object.keys(lock.npm).find((key) => key.startsWith(`${name}@`));
  return found?.slice(name.length + 1).split("_")[0];
}

function runs(command: string, args: readonly string[]): boolean {
  try {
    return new Deno.Command(command, { args: [...args], stdin: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const ours = {
  read(config: string, credentials: string): Profiles | undefined {
    try {
      const { profiles } = parseSharedConfig({
        files: { config: "config", credentials: "credentials" },
        config: new TextEncoder().encode(config),
        credentials: new TextEncoder().encode(credentials),
      });
      return Object.fromEntries([...profiles].map(([name, section]) => [
        name,
        Object.fromEntries([...section].map(({ key, value }) => [key, value])),
      ]));
    } catch {
      return undefined;
    }
  },
};

// Ordinary files, which every parser accepts.

const LINES = [
  "region = eu-west-1",
  "output=json",
  "role_arn = arn:aws:iam::123456789012:role/Open",
  "cli_pager =",
  "s3 =\n  max_concurrent_requests = 10",
  "# a note",
  "; another",
  "",
  "mfa_serial = arn:aws:iam::123456789012:mfa/alice # the phone",
] as const;

/** Sections, each name once and each key once: the AWS CLI refuses others. */
const sections = (header: (name: string) => string) =>
  fc.uniqueArray(fc.constantFrom("default", "a", "b", "prod.eu", "x_y-1"), { maxLength: 4 })
    .chain((names) =>
      fc.tuple(...names.map((name) =>
        fc.uniqueArray(fc.constantFrom(...LINES), { maxLength: 5 })
          .map((lines) => [header(name), ...lines].join("\n"))
      ))
    );
const ends = fc.constantFrom("\n", "\r\n");
const file = (header: (name: string) => string) =>
  fc.tuple(fc.constantFrom("", "# top\n\n"), sections(header), ends, fc.boolean())
    .map(([top, parts, end, last]) => {
      const text = top + parts.join("\n") + (last ? "\n" : "");
      return text.replaceAll("\n", end);
    });
const configs = file((name) => name === "default" ? "[default]" : `[profile ${name}]`);
const credentials = file((name) => `[${name}]`);

const names = fc.oneof(fc.constantFrom("a", "new", "p-temp", "x.y"), oddText);
const values = fc.oneof(
  fc.constantFrom("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "a=b", "a b"),
  fc.constantFrom("a#b", "a;b", "%(x)s", "${x}", "a%b", '"q"', "'q'", "[x]", "a]b", "="),
  oddText,
);
const edits = fc.record({
  name: names,
  values: fc.dictionary(
    fc.constantFrom("aws_access_key_id", "aws_session_token", "region", "eac_source", "mfa_serial"),
    values,
    { minKeys: 1, maxKeys: 4 },
  ),
  remove: fc.boolean(),
});

type Edit = { name: string; values: Record<string, string>; remove: boolean };

/** The text after the edit; `undefined` where it is refused. */
function edited(text: string, header: string, { values, remove }: Edit): string | undefined {
  const document = EditableIni.parse(new TextEncoder().encode(text), "file");
  try {
    if (remove) document.removeSection(header);
    else document.setProperties(header, values);
  } catch (thrown) {
    assert(thrown instanceof EacError);
    return undefined;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(document.toBytes());
}

/** A reader's view of one profile after an edit, and of all others before and after. */
function checkView(before: Profiles, after: Profiles, edit: Edit, who: string): void {
  const { [edit.name]: was = {}, ...othersBefore } = before;
  const { [edit.name]: is = {}, ...othersAfter } = after;
  assertEquals(othersAfter, othersBefore, `${who}: another profile changed`);
  if (edit.remove) return;
  for (const [key, value] of Object.entries(edit.values)) assertEquals(is[key], value, who);
  for (const [key, value] of Object.entries(was)) {
    if (!(key in edit.values)) assertEquals(is[key], value, `${who}: ${key} changed`);
  }
}

function readerProperty(
  who: string,
  open: () => Reader,
  skip: string | undefined,
  runs: number,
): Property {
  let reader: Reader | undefined;
  return {
    name: `readers: what eac writes ${who} reads as eac does, and all else as before`,
    runs,
    ...(skip === undefined ? {} : { skip }),
    property: fc.asyncProperty(
      fc.oneof(
        configs.map((text) => ({ text, inConfig: true })),
        credentials.map((text) => ({ text, inConfig: false })),
      ),
      edits,
      async ({ text, inConfig }, edit) => {
        const header = inConfig && edit.name !== "default" ? `profile ${edit.name}` : edit.name;
        const changed = edited(text, header, edit);
        if (changed === undefined) return;
        reader ??= open();
        for (const [name, { read }] of [[who, reader], ["eac", ours]] as const) {
          const view = (text: string) => inConfig ? read(text, "") : read("", text);
          const [before, after] = [await view(text), await view(changed)];
          // What was refused before cannot be fixed by an edit; the generator makes few such files.
          if (before === undefined) continue;
          assert(after !== undefined, `${name} refuses the file now:\n${changed}`);
          checkView(before, after, edit, name);
        }
      },
    ),
    end: async () => await reader?.end(),
  };
}

const smithy = lockedVersion("@smithy/core");
const program = smithy === undefined ? "" : JAVASCRIPT(smithy);
const evaluate = (code: string) => ["eval", "--no-lock", "--no-config", "--cached-only", code];

/** For each reader that is here. */
export const readerProperties: readonly Property[] = [
  readerProperty(
    "botocore",
    () => start("python3", ["-c", BOTOCORE]),
    runs("python3", ["-c", "import botocore"]) ? undefined : "python3 has no botocore",
    100,
  ),
  readerProperty(
    "the JavaScript SDK",
    () => start(Deno.execPath(), evaluate(program)),
    smithy !== undefined &&
      runs(Deno.execPath(), evaluate(`import "npm:@smithy/core@${smithy}/config";`))
      ? undefined
      : "the SDK's reader is not in Deno's cache",
    100,
  ),
];
