/**
 * `deno run -A scripts/declarations.ts`: writes strategies/custom/declarations.ts, the text of the
 * contract that `eac strategies new` puts beside a module. A test tells when it is out of date.
 *
 * @module
 */

const STRATEGIES = new URL("../strategies/", import.meta.url);

/** The module that holds the contract as text: sources are not in the released program. */
export function declarationsModule(): string {
  const contract = Deno.readTextFileSync(new URL("strategy.ts", STRATEGIES)).trimEnd();
  const lines = contract.split("\n").map((line) => `  ${JSON.stringify(line)},`);
  return `/**
 * The text of ../strategy.ts, for editors: made by scripts/declarations.ts.
 *
 * @module
 */

// deno-fmt-ignore-file

/** What \`eac/strategy\` declares. */
export const DECLARATIONS: string = [
${lines.join("\n")}
].join("\\n") + "\\n";
`;
}

if (import.meta.main) {
  Deno.writeTextFileSync(new URL("custom/declarations.ts", STRATEGIES), declarationsModule());
}
