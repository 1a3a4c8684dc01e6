/**
 * A picker: choose one of many items by typing a part of it.
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

/** An item, shown as a row of a table. */
export interface PickItem {
  /** The first column, and the answer. */
  readonly name: string;
  /** Further columns, the most important first: a narrow terminal shows only the first ones. */
  readonly columns: readonly string[];
  /** Text that is searched but not shown: a role's ARN, an account. */
  readonly search: string;
}

/** Options of the picker. */
export interface PickOptions {
  readonly message: string;
  readonly style?: Style | undefined;
}

type PickerHost = Pick<Host, "openTerminal" | "env" | "os" | "stderr">;

/**
 * Lets the user pick an item; resolves to its name.
 *
 * @throws {EacError} `interrupted` when the user leaves, `input_required` without a terminal.
 */
export async function pick(
  host: PickerHost,
  items: readonly PickItem[],
  { message, style = makeStyle(usesColor(host.stderr, host, "auto")) }: PickOptions,
): Promise<string> {
  const device = host.openTerminal();
  if (device === undefined) {
    throw new EacError("input_required", "cannot show the picker: there is no terminal", {
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

/** The items that contain every typed word; those whose name contains them come first. */
export function matching(items: readonly PickItem[], typed: string): readonly PickItem[] {
  return searchIn(items)(typed);
}

/** {@linkcode matching} for successive searches: each text is lowercased once. */
function searchIn(items: readonly PickItem[]): (typed: string) => readonly PickItem[] {
  const texts = items.map((item) => ({
    item,
    name: item.name.toLowerCase(),
    all: [item.name, ...item.columns, item.search].join(" ").toLowerCase(),
  }));
  return (typed) => {
    const words = typed.toLowerCase().split(/\s+/);
    const contains = (text: string) => words.every((word) => text.includes(word));
    const named: PickItem[] = [];
    const others: PickItem[] = [];
    for (const { item, name, all } of texts) {
      if (contains(name)) named.push(item);
      else if (contains(all)) others.push(item);
    }
    return [...named, ...others];
  };
}

function tableOf(rows: readonly (readonly string[])[], width: number, unicode: boolean): string {
  const importance = (rows[0] ?? []).map((_, index) => index).slice(1);
  return formatTable(rows, {
    columns: fittingColumns(rows, width, importance),
    width,
    ellipsis: unicode ? "…" : "~",
  });
}

/** The maximum number of matches shown: the prompt formats all of them at each key. */
const MOST_SHOWN = 200;

async function pickBySearch(
  host: PickerHost,
  device: TerminalDevice,
  items: readonly PickItem[],
  message: string,
  style: Style,
): Promise<string> {
  const unicode = usesUnicode(host);
  const { columns, rows } = device.size();
  // Leaves room for the cursor, and for the last column, where a terminal may wrap.
  const lines = tableOf(items.map(({ name, columns }) => [name, ...columns]), columns - 3, unicode)
    .split("\n");
  const choices = new Map(items.map((item, index) => [item, {
    value: item.name,
    name: lines[index] ?? item.name,
    // The text that remains of an answered prompt; this one is erased.
    short: "",
  }]));
  const search = searchIn(items);
  const prompts = await import("./prompts.ts");
  return promptOn(device, (context) =>
    prompts.search({
      message,
      // The question and the key help take a line each, and one stays empty.
      pageSize: Math.max(3, Math.min(12, rows - 4)),
      source: (typed) => {
        const found = search(typed ?? "");
        const shown = found.slice(0, MOST_SHOWN).map((item) => choices.get(item)!);
        const more = found.length - shown.length;
        if (more === 0) return shown;
        return [...shown, new prompts.Separator(style.dim(`${more} more: type to search`))];
      },
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
              unicode ? "type to search, ↑↓ move, ⏎ select" : "type to search, Enter to select",
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
    device.write("that profile is not in the list\n");
  }
}
