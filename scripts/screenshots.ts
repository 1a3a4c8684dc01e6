/**
 * `deno task screenshots`: makes `docs/screenshots.md` and its pictures from the real program on a
 * pseudo-terminal, with an STS on loopback.
 *
 * @module
 */

import { startEmulator } from "../lib/emulator/emulator.ts";
import { totp } from "../lib/emulator/totp.ts";
import type { WorldDescription } from "../lib/emulator/world.ts";
import { realHost } from "../lib/host/real.ts";
import { testHost } from "../tests/support/fakes.ts";
import { installEac } from "../tests/support/program.ts";
import { NO_PTY, onTerminal } from "../tests/support/pty.ts";
import { type Screen, screenOf } from "./screen.ts";
import { THEMES, toSvg } from "./svg.ts";

const DOCS = new URL("../docs/", import.meta.url);

/** A scene: one picture. */
interface Scene {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** The command line. */
  readonly line: string;
  /** Text to wait for and what to type then; `{code}` is the device's code. */
  readonly turns?: readonly (readonly [wait: string, type: string])[];
  /** Takes the picture at that turn instead of the end. */
  readonly at?: number;
}

const COLUMNS = 92;
const SERIAL = "arn:aws:iam::123456789012:mfa/alice";
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const role = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;

const WORLD: WorldDescription = {
  users: [{
    arn: "arn:aws:iam::123456789012:user/alice",
    accessKeys: [{
      id: "AKIAIOSFODNN7EXAMPLE",
      secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }],
    mfaDevices: [{ serial: SERIAL, secret: SECRET }],
  }],
  roles: [
    { arn: role("123456789012", "Deploy"), trust: { principals: ["123456789012"], mfa: true } },
    { arn: role("210987654321", "Admin"), trust: { principals: ["123456789012"], mfa: true } },
    { arn: role("210987654321", "Audit"), trust: { principals: ["210987654321"] } },
  ],
};

const HOME = {
  ".aws/config": `[profile alice]
mfa_serial = ${SERIAL}
destination_profile = alice-temp

[profile staging]
role_arn = ${role("123456789012", "Deploy")}
source_profile = alice
mfa_serial = ${SERIAL}
destination_profile = staging-temp
region = eu-west-1

[profile production]
role_arn = ${role("210987654321", "Admin")}
source_profile = alice
mfa_serial = ${SERIAL}
destination_profile = production-temp
region = eu-west-1

[profile audit]
role_arn = ${role("210987654321", "Audit")}
source_profile = production

[profile legacy]
role_arn = ${role("123456789012", "Legacy")}
`,
  ".aws/credentials": `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`,
};

const SCENES: readonly Scene[] = [
  {
    name: "pick",
    title: "Pick a profile",
    about: "`eac` alone: type a part of the name, the role or the account.",
    line: "eac",
    turns: [["audit", ""], ["select", "\x03"]],
    at: 1,
  },
  {
    name: "get",
    title: "One code, many roles",
    about: "eac asks for one MFA code per device, whatever the number of roles.",
    line: "eac get staging production",
    turns: [["): ", "{code}\r"]],
  },
  {
    name: "list",
    title: "List profiles",
    about: "When the MFA session expires, then each profile below its source, with the time left.",
    line: "eac list",
  },
  {
    name: "use",
    title: "Switch this shell",
    about: "With the shell function of `eac activate`, `eac use` changes the current shell.",
    line: 'eval "$(eac activate sh)"; eac use staging; echo $EAC_PROFILE; eac use --unset',
  },
  {
    name: "keep",
    title: "Keep credentials renewed",
    about: "`eac get --keep` stays and renews stored credentials before they expire.",
    line: "eac get staging production --keep",
    turns: [["until Ctrl-C", "\x03"]],
  },
  {
    name: "explain",
    title: "Explain a profile",
    about: "Every value with its file and line, and every call that eac would make.",
    line: "eac explain audit",
  },
  {
    name: "error",
    title: "Errors",
    about: "What is wrong, where, and what to type next.",
    line: "eac get prodction; eac get alice --duration 10m",
  },
  {
    name: "help",
    title: "Help",
    about: "The arguments, options and examples of a command.",
    line: "eac env --help",
  },
];

/** Plays the scenes in order, in one home. */
async function play(): Promise<Map<Scene, Screen>> {
  using host = testHost({ home: HOME });
  const emulator = startEmulator(realHost(), WORLD);
  const env = {
    ...installEac(host),
    AWS_ENDPOINT_URL: emulator.url,
    ...{ CI: "", AWS_PROFILE: "", AWS_ACCESS_KEY_ID: "", NO_COLOR: "" },
  };
  const screens = new Map<Scene, Screen>();
  try {
    for (const scene of SCENES) {
      const code = await totp(SECRET, Date.now());
      const turns = (scene.turns ?? [])
        .map(([wait, type]) => [wait, type.replace("{code}", code)] as const);
      const command = `stty cols ${COLUMNS} rows 24; ${scene.line}`;
      const { screen, shots } = await onTerminal(command, turns, env);
      const output = (scene.at === undefined ? screen : shots[scene.at]!)
        .replaceAll(host.home, "/home/alice").replaceAll(emulator.url, "https://sts.amazonaws.com");
      const prompt = `\x1b[2m$\x1b[22m \x1b[1m${scene.line}\x1b[22m\r\n`;
      screens.set(scene, screenOf(prompt + output, COLUMNS + 40));
    }
  } finally {
    await emulator.stop();
  }
  return screens;
}

/** Drawn by hand, because the dialog belongs to the desktop; here it is zenity's. */
const DIALOG = `## A dialog where there is no terminal

An IDE or a tool that starts eac without a terminal: a desktop dialog names the profile, the device and the
program that asks.

![The dialog for an MFA code](screenshots/dialog.png)
`;

function page(): string {
  const pictures = SCENES.map(({ name, title, about }) =>
    `## ${title}

${about}

<picture>
  <source media="(prefers-color-scheme: dark)" srcset="screenshots/${name}-dark.svg">
  <img alt="${title}" src="screenshots/${name}-light.svg">
</picture>
`
  );
  return `# Screenshots

The program on a real terminal, drawn by \`deno task screenshots\`, and its dialog on a real desktop.

${pictures.join("\n")}
${DIALOG}`;
}

if (import.meta.main) {
  if (NO_PTY !== undefined) {
    console.error(`cannot make screenshots: ${NO_PTY}`);
    Deno.exit(1);
  }
  const screens = await play();
  Deno.mkdirSync(new URL("screenshots/", DOCS), { recursive: true });
  for (const [{ name, title }, screen] of screens) {
    const columns = Math.max(COLUMNS, ...screen.map((cells) => cells.length));
    for (const [mode, theme] of Object.entries(THEMES)) {
      const file = new URL(`screenshots/${name}-${mode}.svg`, DOCS);
      Deno.writeTextFileSync(file, toSvg(screen, columns, theme, title));
    }
  }
  Deno.writeTextFileSync(new URL("screenshots.md", DOCS), page());
  Deno.exit(0);
}
