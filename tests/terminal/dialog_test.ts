/** The dialog for an MFA code, with fakes of the desktop's programs. */

import { EacError } from "../../lib/errors.ts";
import type { Host, Outcome, Program } from "../../lib/host/host.ts";
import { askCodeInDialog, type DialogHost, whyNoDialog } from "../../lib/terminal/dialog.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../support/assert.ts";

const QUESTION = { profile: "prod", serial: "arn:aws:iam::123456789012:mfa/alice" };

interface Played {
  readonly host: DialogHost;
  readonly programs: Program[];
}

/** A desktop with one dialog program in `/usr/bin`, which gives these answers in turn. */
function desktop(
  os: Host["os"],
  name: string,
  answers: readonly (Partial<Outcome> & { readonly text?: string })[],
  env: Record<string, string> = { DISPLAY: ":0" },
): Played {
  const programs: Program[] = [];
  const left = [...answers];
  const host: DialogHost = {
    os,
    env,
    findProgram: (wanted) => wanted === name ? `/usr/bin/${name}` : undefined,
    capture(program) {
      programs.push(program);
      const { text = "", ...outcome } = left.shift() ?? {};
      const stdout = new TextEncoder().encode(text);
      return Promise.resolve({ code: 0, stdout, stderr: new Uint8Array(), ...outcome });
    },
    parentProgram: () => Promise.resolve("code"),
  };
  return { host, programs };
}

const SYSTEMS: readonly (readonly [Host["os"], string, answer: string])[] = [
  ["linux", "zenity", "123456\n"],
  ["linux", "kdialog", "123456\n"],
  ["linux", "pinentry-gnome3", "OK Pleased to meet you\nOK\nOK\nOK\nD 123456\nOK\nOK closing\n"],
  ["linux", "pinentry-qt", "OK\nOK\nOK\nOK\nD 123%20456\nOK\n"],
  ["darwin", "osascript", "123 456\n"],
  ["windows", "powershell.exe", "123456\r\n"],
];

for (const [os, name, text] of SYSTEMS) {
  Deno.test(`${name} on ${os} asks for a code, and shows the profile, the device and who asks`, async () => {
    const { host, programs } = desktop(os, name, [{ text }]);
    assertEquals(whyNoDialog(host), undefined);
    assertEquals(await askCodeInDialog(host, QUESTION), "123456");
    const [{ args, input = "" }] = programs as [Program];
    const shown = `${args.join("\n")}\n${input}`;
    assertStringIncludes(shown, '"prod"');
    assertStringIncludes(shown, QUESTION.serial);
    assertStringIncludes(shown, "code");
  });
}

Deno.test("a dialog asks again if the input is not six digits", async () => {
  const { host, programs } = desktop("linux", "zenity", [
    { text: "12345\n" },
    { text: "abcdef\n" },
    { text: "654321\n" },
  ]);
  assertEquals(await askCodeInDialog(host, QUESTION), "654321");
  assertEquals(programs.length, 3);
  assertStringIncludes(programs[1]!.args.join(" "), "six digits");
});

const CANCELLED: readonly (readonly [Host["os"], string, Partial<Outcome> & { text?: string }])[] =
  [
    ["linux", "zenity", { code: 1 }],
    ["linux", "kdialog", { code: 1 }],
    ["linux", "pinentry-gnome3", { text: "OK\nOK\nOK\nERR 83886179 Operation cancelled\n" }],
    ["darwin", "osascript", { code: 1 }],
    ["windows", "powershell.exe", { text: "\r\n" }],
  ];

for (const [os, name, outcome] of CANCELLED) {
  Deno.test(`canceling ${name} is like Ctrl-C at a terminal`, async () => {
    const { host } = desktop(os, name, [outcome]);
    const error = await assertRejects(() => askCodeInDialog(host, QUESTION), EacError);
    assertEquals([error.code, error.exitCode], ["interrupted", 130]);
  });
}

Deno.test("a dialog without an answer is an error that names --mfa-token", async () => {
  const { host } = desktop("linux", "zenity", [{ code: 143, killed: "timeout" }]);
  const error = await assertRejects(() => askCodeInDialog(host, QUESTION), EacError);
  assertEquals(error.code, "input_required");
  assertStringIncludes(error.hint ?? "", "--mfa-token");
});

Deno.test("there is no dialog without a desktop, over SSH or without a program, and the message says why", () => {
  const why = (os: Host["os"], name: string, env: Record<string, string>) =>
    whyNoDialog(desktop(os, name, [], env).host) ?? "";
  assertStringIncludes(why("linux", "zenity", {}), "no desktop");
  assertStringIncludes(why("linux", "bash", { WAYLAND_DISPLAY: "wayland-0" }), "zenity");
  assertStringIncludes(why("darwin", "osascript", { SSH_CONNECTION: "192.0.2.1 1 2 3" }), "SSH");
  assertEquals(why("linux", "zenity", { WAYLAND_DISPLAY: "wayland-0" }), "");
});

Deno.test("a profile's name cannot inject markup or commands into a dialog", async () => {
  const question = { profile: "<b>x</b>&\nGETPIN\x1b]0;t\x07", serial: "GAHT12345678" };
  const zenity = desktop("linux", "zenity", [{ text: "123456" }]);
  await askCodeInDialog(zenity.host, question);
  const [text] = zenity.programs[0]!.args.slice(-1);
  assert(!text!.includes("<b>") && !text!.includes("\x1b"), text);
  const pinentry = desktop("linux", "pinentry-qt", [{ text: "D 123456\n" }]);
  await askCodeInDialog(pinentry.host, question);
  const commands = pinentry.programs[0]!.input!.split("\n").map((line) => line.split(" ")[0]);
  assertEquals(commands, ["SETTITLE", "SETDESC", "SETPROMPT", "GETPIN", "BYE", ""]);
});
