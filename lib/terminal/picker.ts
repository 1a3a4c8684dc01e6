/**
 * One of many, found by typing a part of it.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Host, TerminalDevice } from "../host/host.ts";
import { askLine } from "./ask.ts";
import { promptOn } from "./inquirer.ts";
import { makeStyle, type Style, usesColor, usesUnicode } from "./style.ts";
import { fittingColumns, formatTable } from "./table.ts";
import { printable } from "../text/printable.ts";

/** Something to pick, as a line of a table. */
export interface PickItem {
  /** The first column, and the answer. */
  readonly name: string;
  /** What is shown after it, what matters most first: a narrow terminal shows the first ones. */
  readonly columns: readonly string[];
  /** What is found though it is not shown: a role's ARN, an account. */
  readonly search: string;
}

/** How the question is put. */
export interface PickOptions {
  readonly message: string;
  readonly style?: Style;
}

type Needed = Pick<Host, "openTerminal" | "env" | "os" | "stderr">;

/**
 * Lets the person pick an item, in the order given; resolves to its name.
 *
 * @throws {EacError} `interrupted` when they leave, `input_required` where there is no terminal.
 */
export async function pick(
  host: Needed,
  items: readonly PickItem[],
  { message, style = makeStyle(usesColor(host.stderr, host, "auto")) }: PickOptions,
): Promise<string> {
  const device = host.openTerminal();
  if (device === undefined) {
    throw new EacError("input_required", "there is no terminal to pick on", {
      hint: "name the profile, or set AWS_PROFILE",
    });
  }
  try {
    if (host.env.TERM === "dumb") return await pickByNumber(device, items, message);
    return await pickBySearch(host, device, items, message, style);
  } finally {
    device.close();
  }
}

/** The items that hold every word of what was typed, those before the others whose name does. */
export function matching(items: readonly PickItem[], typed: string): readonly PickItem[] {
  const words = typed.toLowerCase().split(/\s+/);
  const holds = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const named = items.filter(({ name }) => holds(name));
  const others = items.filter((item) =>
    !named.includes(item) && holds([item.name, ...item.columns, item.search].join(" "))
  );
  return [...named, ...others];
}

function tableOf(rows: readonly (readonly string[])[], width: number, unicode: boolean): string {
  const importance = (rows[0] ?? []).map((_, index) => index).slice(1);
  return formatTable(rows, {
    columns: fittingColumns(rows, width, importance),
    width,
    ellipsis: unicode ? "…" : "~",
  });
}

async function pickBySearch(
  host: Needed,
  device: TerminalDevice,
  items: readonly PickItem[],
  message: string,
  style: Style,
): Promise<string> {
  const unicode = usesUnicode(host);
  const { columns, rows } = device.size();
  // Room for the cursor, and for the last column, where a terminal may wrap.
  const lines = tableOf(items.map(({ name, columns }) => [name, ...columns]), columns - 3, unicode)
    .split("\n");
  const line = new Map(items.map((item, index) => [item, lines[index] ?? item.name]));
  const { search } = await import("./prompts.ts");
  return await promptOn(device, (context) =>
    search({
      message,
      // The question and the keys take a line each, and an empty one is left.
      pageSize: Math.max(3, Math.min(12, rows - 4)),
      source: (typed) =>
        matching(items, typed ?? "").map((item) => ({
          value: item.name,
          name: line.get(item) ?? item.name,
          // What is left of a prompt that was answered; this one is erased.
          short: "",
        })),
      theme: {
        prefix: "",
        icon: { cursor: unicode ? "❯" : ">" },
        style: {
          message: style.bold,
          answer: style.cyan,
          error: style.yellow,
          highlight: style.cyan,
          searchTerm: style.cyan,
          keysHelpTip: () =>
            style.dim(
              unicode ? "type to search, ↑↓ move, ⏎ take" : "type to search, Enter to take",
            ),
        },
      },
    }, context));
}

async function pickByNumber(
  device: TerminalDevice,
  items: readonly PickItem[],
  message: string,
): Promise<string> {
  const numbered = items.map(({ name, columns }, index) => [`${index + 1}`, name, ...columns]);
  device.write(tableOf(numbered, device.size().columns - 1, false));
  for (;;) {
    const answer = await askLine(device, printable(`${message} (1-${items.length}, or a name) `));
    const item = items[Number(answer) - 1] ?? items.find(({ name }) => name === answer);
    if (item) return item.name;
    device.write("there is no such profile in the list\n");
  }
}
