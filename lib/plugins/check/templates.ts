/**
 * What `eac strategies new` writes: a working strategy, its test, and the types for an editor.
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
  /** True for a file that all strategies in the folder share. */
  readonly shared?: boolean | undefined;
}

/** The files of a new strategy; the extension of its file determines the kind. */
export function newFiles(file: string): readonly NewFile[] {
  const language = /\.(ts|js|mjs)$/.exec(file)?.[1];
  const name = strategyName(file);
  const test = { name: testName(file), text: testOf(name), mode: 0o600 };
  if (language === undefined) {
    return [{ name: file, text: scriptOf(file, name), mode: 0o700 }, test];
  }
  return [
    { name: file, text: moduleOf(file, name, language === "ts"), mode: 0o600 },
    test,
    { name: "eac-strategy.d.ts", text: DECLARATIONS, mode: 0o600, shared: true },
    { name: "eac-node.d.ts", text: NODE_TYPES, mode: 0o600, shared: true },
    { name: "tsconfig.json", text: TSCONFIG, mode: 0o600, shared: true },
  ];
}

/** The tests of `vault.js` and of `vault` are in `vault.test.json`. */
export function testName(file: string): string {
  return `${file.replace(/\.(ts|js|mjs|sh|py|rb|exe|com|bat|cmd)$/, "")}.test.json`;
}

function strategyName(file: string): string {
  const name = file.replace(/\..*$/, "").toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return name.replace(/^-+|-+$/g, "").slice(0, 60) || "mine";
}

/** Keys begin with the strategy's name, to avoid those of other tools. */
function keyOf(name: string, what: string): string {
  return `${name.replaceAll("-", "_")}_${what}`;
}

function moduleOf(file: string, name: string, typed: boolean): string {
  const [account, team] = [keyOf(name, "account"), keyOf(name, "team")];
  const head = typed
    ? `import type { Strategy } from "eac/strategy";\n\n`
    : `/** @type {import("eac/strategy").Strategy} */\n`;
  const body = `{
  api: 1,
  name: "${name}",
  summary: "assumes the role of a team, by the company's naming scheme",

  // This file serves a profile that has all of these keys. Add more lists for alternatives.
  needs: [["${account}", "${team}", "source_profile"]],

  // Optional keys. It gets the keys in needs and reads, and no others.
  reads: ["mfa_serial"],

  // The STS calls to make with the credentials of source_profile. eac makes them, asks for the MFA
  // code and caches the result. The same keys must always give the same calls.
  steps(profile) {
    return [{
      call: "AssumeRole",
      roleArn: \`arn:aws:iam::\${profile.${account}}:role/\${profile.${team}}\`,
      mfaSerial: profile.mfa_serial,
    }];
  },

  // If STS calls are not enough, replace steps() by:
  //
  // wants: ["fetch"], // also: source, mfa, sts, ask, env, files, run
  // async obtain({ profile }, { fetch }) {
  //   const answer = await fetch(\`https://vault.example.com/aws/\${profile.${team}}\`);
  //   if (!answer.ok) throw new Error(\`the vault answered \${answer.status}\`);
  //   const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = await answer.json();
  //   return { AccessKeyId, SecretAccessKey, SessionToken, Expiration };
  // },
}`;
  return `// A custom strategy for eac; see docs/strategies.md.
// Test it: eac strategies check ${file}

${head}export default ${body}${typed ? " satisfies Strategy" : ""};
`;
}

function scriptOf(file: string, name: string): string {
  const [account, team] = [keyOf(name, "account"), keyOf(name, "team")];
  return `#!/bin/sh
# A custom strategy for eac, as a program; see docs/strategies.md.
# Test it: eac strategies check ${file}
#
# It reads a request as JSON from stdin and prints the answer as JSON on stdout. stderr is for the
# user. EAC_REQUEST and EAC_KEY_... hold the most important values.
set -eu

case $EAC_REQUEST in
describe)
  # This file serves a profile that has all keys of one list in "needs".
  cat <<'JSON'
{
  "api": 1,
  "name": "${name}",
  "summary": "assumes the role of a team, by the company's naming scheme",
  "needs": [["${account}", "${team}", "source_profile"]],
  "wants": ["source", "sts"]
}
JSON
  ;;

obtain)
  read -r request # one line: the keys, and the credentials if "wants" has "source"
  : "$request"

  # Ask eac to call STS: print one line, read one line. The credentials of source_profile are also in
  # AWS_ACCESS_KEY_ID and so on, for the AWS CLI.
  printf '{"call":"sts.assumeRole","roleArn":"arn:aws:iam::%s:role/%s"}\\n' \\
    "$${variable(account)}" "$${variable(team)}"
  read -r reply
  case $reply in
  '{"result":'*)
    reply=\${reply#'{"result":'}
    printf '%s\\n' "\${reply%\\}}"
    ;;
  *)
    echo "STS refused the role" >&2
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

/** So that `node:` modules are known without @types/node, which has precedence where it is installed. */
/** For an editor without `@types/node`: variables are typed, and `node:` modules are not. */
const NODE_TYPES = `declare module "node:*";
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };
`;

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
