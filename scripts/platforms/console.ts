/**
 * Questions on the console of eac.exe: under wine, its console is a pseudo-terminal of Linux, on which the
 * answers are typed. (wine passes on neither Ctrl-C nor a lone Escape of a raw console.)
 *
 * @module
 */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import { realHost } from "../../lib/host/real.ts";
import { onTerminal, type Session, word } from "../../tests/support/pty.ts";
import { CONFIG, CREDENTIALS, DEVICE, WORLD } from "../smoke/home.ts";

/** A line of eac's command line, what is typed, and what must come of it. */
interface Question {
  readonly name: string;
  readonly line: string;
  readonly turns: (code: string) => readonly (readonly [wait: string, type: string])[];
  readonly holds: (session: Session, read: (path: string) => string) => boolean;
}

const QUESTIONS: readonly Question[] = [
  {
    name: "a code is asked for",
    line: "get deploy",
    turns: (code) => [["MFA code", `${code}\r`]],
    holds: ({ code }, read) => code === 0 && read(".aws/credentials").includes("[deploy-temp]"),
  },
  {
    name: "a code is asked for though the standard streams are redirected",
    line: "process deploy <nul >answer 2>messages",
    turns: (code) => [["MFA code", `${code}\r`]],
    holds: (_, read) => JSON.parse(read("answer")).Version === 1,
  },
  {
    name: "a rejected code can be typed again",
    line: "get deploy",
    turns: (code) => [["MFA code", "000000\r"], ["MFA code", `${code}\r`]],
    holds: ({ code }) => code === 0,
  },
  {
    name: "Backspace and blanks in a code",
    line: "get deploy",
    turns: (code) => [["MFA code", `9\x7f ${code.slice(0, 3)} ${code.slice(3)}\r`]],
    holds: ({ code }) => code === 0,
  },
  {
    name: "a profile is picked",
    line: "",
    turns: (code) => [["deploy", "aud"], ["audit", "\r"], ["MFA code", `${code}\r`]],
    holds: ({ code, screen }) => code === 0 && screen.includes("audit-temp"),
  },
  {
    name: "a profile is picked by a letter outside of ASCII",
    line: "",
    turns: () => [["deploy", "é"], ["café", "\r"]],
    holds: ({ code, screen }) => code === 0 && screen.includes("cafe-temp"),
  },
];

/** A profile that needs no code. */
const CAFE = `
[profile "café"]
role_arn = arn:aws:iam::123456789012:role/audit
source_profile = alice
destination_profile = cafe-temp
`;

/**
 * Asks all questions.
 *
 * @param through the command that starts a Windows program
 * @param folder a folder that this program sees on drive Z:
 * @throws {Error} with what the terminal showed
 */
export async function askOnConsole(
  through: readonly string[],
  eac: string,
  folder: string,
): Promise<string> {
  for (const { name, line, turns, holds } of QUESTIONS) {
    const home = Deno.makeTempDirSync({ dir: folder });
    const emulator = startEmulator(realHost(), WORLD);
    try {
      Deno.mkdirSync(`${home}/.aws`);
      Deno.writeTextFileSync(`${home}/.aws/config`, CONFIG + CAFE);
      Deno.writeTextFileSync(`${home}/.aws/credentials`, CREDENTIALS);
      const [own, program] = [home, eac].map((path) => `Z:${path.replaceAll("/", "\\")}`);
      // wine sets USERPROFILE itself.
      const batch = `@set USERPROFILE=${own}\r\n@Z:\r\n@cd ${own}\r\n@${program} ${line}\r\n`;
      Deno.writeTextFileSync(`${home}/run.cmd`, `${batch}@exit %ERRORLEVEL%\r\n`);
      const command = [...through, "cmd", "/c", `${own}\\run.cmd`].map(word).join(" ");
      const session = await onTerminal(command, turns(await totp(DEVICE, Date.now())), {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: Deno.env.get("HOME") ?? "",
        EAC_PLATFORMS_DIR: Deno.env.get("EAC_PLATFORMS_DIR") ?? "",
        AWS_ENDPOINT_URL_STS: emulator.url,
        AWS_CA_BUNDLE: "", // a path of Linux
      });
      if (!holds(session, (path) => Deno.readTextFileSync(`${home}/${path}`))) {
        throw new Error(`it ended with ${session.code}: ${session.screen}`);
      }
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
    } finally {
      await emulator.stop();
    }
  }
  return `${QUESTIONS.length} questions`;
}
