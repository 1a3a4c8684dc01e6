/** The picker: searching with the keyboard, and restoring the terminal. */

import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { EacError } from "../../lib/errors.ts";
import { matching, pick, type PickItem } from "../../lib/terminal/picker.ts";
import { fromFileUrl, testHost } from "../support/fakes.ts";
import { NO_PTY, onTerminal, word } from "../support/pty.ts";

const ITEMS: PickItem[] = [
  ["sandbox", "123456789012", "eu-west-1", "Developer"],
  ["prod", "210987654321", "us-east-1", "Admin"],
  ["audit-of-production", "210987654321", "eu-central-1", "ReadOnly"],
].map(([name = "", account = "", region = "", role = ""]) => ({
  name,
  columns: [account, region],
  search: `arn:aws:iam::${account}:role/${role}`,
}));

const names = (items: readonly PickItem[]) => items.map(({ name }) => name);

Deno.test("matching searches name, account, region and role, names first", () => {
  const found = (typed: string) => names(matching(ITEMS, typed));
  assertEquals(found(""), names(ITEMS));
  assertEquals(found("PROD"), ["prod", "audit-of-production"]);
  assertEquals(found("eu-"), ["sandbox", "audit-of-production"]);
  assertEquals(found("2109 admin"), ["prod"]);
  assertEquals(found("role/dev"), ["sandbox"]);
  assertEquals(found("nothing"), []);
  const twoOfThem = [{ name: "x", columns: ["east"], search: "" }, ...ITEMS];
  assertEquals(names(matching(twoOfThem, "a")), ["sandbox", "audit-of-production", "x", "prod"]);
});

Deno.test("matching takes bounded time with thousands of names", () => {
  let reads = 0;
  const items = Array.from({ length: 2000 }, (_, index): PickItem => ({
    get name() {
      reads++;
      return `role-${index}`;
    },
    columns: ["east"],
    search: "",
  }));
  assertEquals(matching(items, "east").length, items.length);
  assert(reads <= 3 * items.length, `${reads} reads`);
});

/** Picks with these keys typed, one string per read. */
async function picked(typed: string[], env: Record<string, string> = {}) {
  using host = testHost({ typed, env });
  const name = await pick(host, ITEMS, { message: "Which profile?" });
  return { name, terminal: host.printed.terminal };
}

Deno.test("pick selects the first item at Enter, or the one found or moved to", async () => {
  assertEquals((await picked(["\r"])).name, "sandbox");
  assertEquals((await picked(["prod", "\r"])).name, "prod");
  assertEquals((await picked(["admin\r"])).name, "prod");
  assertEquals((await picked(["\x1b[B\x1b[B\x1b[A\r"])).name, "prod");
  assertEquals((await picked(["zzz", "\r", "\x7f\x7f\x7f", "\r"])).name, "sandbox");
});

Deno.test("pick is canceled by Ctrl-C, Ctrl-D and Escape", async () => {
  for (const key of ["\x03", "\x04", "\x1b"]) {
    const error = await assertRejects(() => picked(["pr", key]), EacError);
    assertEquals((error as EacError).code, "interrupted");
  }
});

Deno.test("pick reports that input is required if it ends or if there is no terminal", async () => {
  const ended = await assertRejects(() => picked(["pr"]), EacError);
  assertEquals((ended as EacError).code, "input_required");
  using host = testHost();
  const none = await assertRejects(() => pick(host, ITEMS, { message: "?" }), EacError);
  assertEquals((none as EacError).code, "input_required");
});

Deno.test("pick asks for a number or a name on a dumb terminal, without control sequences", async () => {
  const { name, terminal } = await picked(["9\r", "2\r"], { TERM: "dumb" });
  assertEquals(name, "prod");
  assert(terminal.includes("2  prod                 210987654321  us-east-1\n"), terminal);
  assert(terminal.includes("that profile is not in the list\n"));
  assert(!terminal.includes("\x1b"));
  assertEquals((await picked(["sandbox\r"], { TERM: "dumb" })).name, "sandbox");
});

Deno.test({
  name: `pick clears the screen, and leaves the next key to the next prompt${
    NO_PTY ? ` (ignored: ${NO_PTY})` : ""
  }`,
  ignore: NO_PTY !== undefined,
  async fn() {
    using host = testHost();
    const module = (path: string) => new URL(`../../lib/${path}`, import.meta.url).href;
    host.write(
      "pick.ts",
      `import { realHost } from "${module("host/real.ts")}";
      import { pick } from "${module("terminal/picker.ts")}";
      import { askLine } from "${module("terminal/ask.ts")}";
      const host = realHost();
      const name = await pick(host, ${JSON.stringify(ITEMS)}, { message: "Which profile?" });
      const device = host.openTerminal()!;
      const answer = await askLine(device, "next? ");
      device.close();
      host.stdout.write(name + " " + answer + "\\n");
      Deno.exit();`,
    );
    const config = fromFileUrl(new URL("../../deno.json", import.meta.url));
    const command = `stty cols 40; ${word(Deno.execPath())} run -A --no-check --config ${
      word(config)
    } ${word(host.path("pick.ts"))} </dev/null | cat >${word(host.path("out"))}`;
    const { screen } = await onTerminal(command, [
      ["audit-of", "aud"],
      ["aud", "\r"],
      ["next? ", "7\r"],
    ], { NO_COLOR: "1", LC_ALL: "C.UTF-8" });
    assertEquals(host.text("out"), "audit-of-production 7\n");
    const shown = shownOn(screen, 40);
    assertEquals(shown, ["next? 7"]);
  },
});

/** The final screen of a terminal of that width; supports only the sequences used here. */
function shownOn(output: string, width: number): string[] {
  const lines: string[] = [""];
  let row = 0;
  let column = 0;
  // deno-lint-ignore no-control-regex
  for (const [part, count, command] of output.matchAll(/\x1b\[\??(\d*)([A-Za-z])|[^]/gu)) {
    const steps = Number(count || 1);
    if (part === "\r") column = 0;
    else if (part === "\n") row++;
    else if (part === "\b") column--;
    else if (command === "A") row = Math.max(0, row - steps);
    else if (command === "B") row += steps;
    else if (command === "G") column = Number(count || 1) - 1;
    else if (command === "K") lines[row] = "";
    else if (command === undefined) {
      lines[row] = (lines[row] ?? "").padEnd(column).slice(0, column) + part +
        (lines[row] ?? "").slice(column + 1);
      if (++column === width) throw new Error(`a line wraps: ${lines[row]}`);
    }
    while (lines.length <= row) lines.push("");
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== "");
}

Deno.test("pick with thousands of items shows some and the number of the others, and finds all by typing", async () => {
  const items = Array.from({ length: 3000 }, (_, index): PickItem => ({
    name: `role-${index}`,
    columns: [],
    search: "",
  }));
  using down = testHost({ typed: ["\x1b[B".repeat(250), "\r"] });
  assertEquals(await pick(down, items, { message: "?" }), "role-199");
  assert(down.printed.terminal.includes("2800 more: type to search"), down.printed.terminal);
  using typed = testHost({ typed: ["role-2999", "\r"] });
  assertEquals(await pick(typed, items, { message: "?" }), "role-2999");
});
