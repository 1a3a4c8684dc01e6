/**
 * What `eac strategies new` writes: a strategy that works as it is, its test, and the types that
 * an editor shows beside a module.
 *
 * @module
 */

// The contract itself: the bundler embeds its text in the released program.
import DECLARATIONS from "../../../strategies/strategy.ts" with { type: "text" };

/** A file to write. */
export interface NewFile {
  /** Its name, in the folder of the strategy. */
  readonly name: string;
  readonly text: string;
  readonly mode: number;
  /** True for what may be there already, of another strategy. */
  readonly shared?: boolean | undefined;
}

/** The files for a strategy in a file of that name; its ending says which kind it is. */
export function newFiles(file: string): readonly NewFile[] {
  const language = /\.(ts|js|mjs)$/.exec(file)?.[1];
  const name = strategyName(file);
  const test = { name: testName(file), text: testOf(name), mode: 0o600 };
  if (language === undefined) return [{ name: file, text: scriptOf(name), mode: 0o700 }, test];
  return [
    { name: file, text: moduleOf(name, language === "ts"), mode: 0o600 },
    test,
    { name: "eac-strategy.d.ts", text: DECLARATIONS, mode: 0o600, shared: true },
    { name: "tsconfig.json", text: TSCONFIG, mode: 0o600, shared: true },
  ];
}

/** Beside `vault.js` and beside `vault` lies `vault.test.json`. */
export function testName(file: string): string {
  return `${file.replace(/\.(ts|js|mjs|sh|py|rb|exe|com|bat|cmd)$/, "")}.test.json`;
}

function strategyName(file: string): string {
  const name = file.replace(/\..*$/, "").toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return name.replace(/^-+|-+$/g, "").slice(0, 60) || "mine";
}

/** Keys of a company's own begin with its name, so that no other tool's are met. */
function keyOf(name: string, what: string): string {
  return `${name.replaceAll("-", "_")}_${what}`;
}

function moduleOf(name: string, typed: boolean): string {
  const [account, team] = [keyOf(name, "account"), keyOf(name, "team")];
  const head = typed
    ? `import type { Strategy } from "eac/strategy";\n\n`
    : `/** @type {import("eac/strategy").Strategy} */\n`;
  const body = `{
  api: 1,
  name: "${name}",
  summary: "assumes the role of a team, by the names of the company",

  // A profile with all of these keys is served by this file. Another list would be an alternative.
  needs: [["${account}", "${team}", "source_profile"]],

  // The keys that it may read besides. It is given no others.
  reads: ["mfa_serial"],

  // The calls to make, from what source_profile comes to. Asking for the MFA code, caching and
  // explaining are up to eac. It does nothing itself: the same keys always give the same calls.
  steps(profile) {
    return [{
      call: "AssumeRole",
      roleArn: \`arn:aws:iam::\${profile.${account}}:role/\${profile.${team}}\`,
      mfaSerial: profile.mfa_serial,
    }];
  },

  // Where calls of STS do not do, in place of steps():
  //
  // wants: ["fetch"], // also: source, mfa, sts, ask, run, env
  // async obtain({ profile }, { fetch }) {
  //   const answer = await fetch(\`https://vault.example.com/aws/\${profile.${team}}\`);
  //   if (!answer.ok) throw new Error(\`the vault says \${answer.status}\`);
  //   const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = await answer.json();
  //   return { AccessKeyId, SecretAccessKey, SessionToken, Expiration };
  // },
}`;
  return `// A strategy of your own for eac: docs/strategies.md has it all.
// Try it: eac strategies check ${name}${typed ? ".ts" : ""}

${head}export default ${body}${typed ? " satisfies Strategy" : ""};
`;
}

function scriptOf(name: string): string {
  const [account, team] = [keyOf(name, "account"), keyOf(name, "team")];
  return `#!/bin/sh
# A strategy of your own for eac, as a program: docs/strategies.md has it all.
# Try it: eac strategies check ${name}
#
# A request comes in as JSON on stdin, the answer goes out as JSON on stdout. stderr is for the
# person. EAC_REQUEST and EAC_KEY_... say the most important in variables.
set -eu

case $EAC_REQUEST in
describe)
  # A profile with all keys of one list in "needs" is served by this file.
  cat <<'JSON'
{
  "api": 1,
  "name": "${name}",
  "summary": "assumes the role of a team, by the names of the company",
  "needs": [["${account}", "${team}", "source_profile"]],
  "wants": ["source", "sts"]
}
JSON
  ;;

obtain)
  read -r request # one line: keys, and what "wants" asks for
  : "$request"

  # eac calls STS for it: one line out, one line back. The credentials of source_profile are also
  # in AWS_ACCESS_KEY_ID and so on, for the AWS CLI.
  printf '{"call":"sts.assumeRole","roleArn":"arn:aws:iam::%s:role/%s"}\\n' \\
    "$${variable(account)}" "$${variable(team)}"
  read -r reply
  case $reply in
  '{"result":'*)
    reply=\${reply#'{"result":'}
    printf '%s\\n' "\${reply%\\}}"
    ;;
  *)
    echo "STS did not give the role" >&2
    exit 1
    ;;
  esac
  ;;

*)
  echo "unknown request: $EAC_REQUEST" >&2
  exit 2
  ;;
esac
`;
}

function variable(key: string): string {
  return `EAC_KEY_${key.toUpperCase()}`;
}

function testOf(name: string): string {
  const tests = [{
    name: "assumes the role of the team",
    profile: {
      [keyOf(name, "account")]: "123456789012",
      [keyOf(name, "team")]: "payments",
      source_profile: "user",
    },
    calls: ["AssumeRole arn:aws:iam::123456789012:role/payments"],
  }];
  return `${JSON.stringify(tests, null, 2)}\n`;
}

const TSCONFIG = `{
  "compilerOptions": {
    "allowJs": true,
    "checkJs": true,
    "strict": true,
    "noEmit": true,
    "target": "esnext",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["esnext", "dom"],
    "types": [],
    "paths": { "eac/strategy": ["./eac-strategy.d.ts"] }
  }
}
`;
