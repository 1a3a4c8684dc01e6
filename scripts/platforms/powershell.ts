/**
 * PowerShell's syntax, by the grammar that npm has, for machines without PowerShell. Finds what cannot be
 * parsed, such as an open brace or a broken string, and nothing of what happens at run time.
 *
 * @module
 */

const PACKAGES = ["tree-sitter-powershell@0.26.4", "web-tree-sitter@0.27.2"];

/** A node of the syntax tree, as web-tree-sitter has it. */
interface Node {
  readonly isError: boolean;
  readonly isMissing: boolean;
  readonly hasError: boolean;
  readonly children: readonly Node[];
  readonly startPosition: { readonly row: number };
  readonly text: string;
}

/** Parses PowerShell: returns the first line that is wrong, or `undefined`. */
export type SyntaxCheck = (source: string) => string | undefined;

/** Installs the grammar into a folder, unless it is there, and loads it. */
export async function powershellSyntax(folder: string): Promise<SyntaxCheck> {
  const grammar = `${folder}/node_modules/tree-sitter-powershell/tree-sitter-powershell.wasm`;
  try {
    Deno.statSync(grammar);
  } catch {
    const { success, stderr } = new Deno.Command("npm", {
      args: [
        ...["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"],
        ...["--prefix", folder, ...PACKAGES],
      ],
    }).outputSync();
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  }
  const module = `file://${folder}/node_modules/web-tree-sitter/web-tree-sitter.js`;
  const { Parser, Language } = await import(module);
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return (source) => {
    const wrong = firstError(parser.parse(source).rootNode);
    if (wrong === undefined) return undefined;
    return `line ${wrong.startPosition.row + 1}: ${wrong.text.split("\n")[0]}`;
  };
}

function firstError(node: Node): Node | undefined {
  if (node.isError || node.isMissing) return node;
  if (!node.hasError) return undefined;
  for (const child of node.children) {
    const wrong = firstError(child);
    if (wrong !== undefined) return wrong;
  }
  return node;
}
