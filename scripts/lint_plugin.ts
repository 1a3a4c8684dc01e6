/**
 * The rules of this repository that the linter enforces: only the Host reaches the environment, the
 * warm path loads no package, imports run downward without a cycle, files are named for their content,
 * and exports have doc comments.
 *
 * @module
 */

/** The root of this repository, as a URL that ends in a slash. */
const ROOT = new URL("../", import.meta.url).href;

/** Global names that reach out of the program. */
const OUTSIDE = new Set(["Deno", "console", "fetch", "performance", "setTimeout", "setInterval"]);

/** Files that may use them: the Host, the entry point, and what never ships. */
const MAY_REACH_OUT = /^(main\.ts|lib\/host\/.*|scripts\/.*|tests\/.*|examples\/.*)$/;

/** Packages that the warm path may load: one small file of deno-std, and our own contract. */
const LIGHT = /^(@std\/cli\/.*|eac\/strategy)$/;

/** Files that re-export a part of a package, so that a bundle can leave out the rest; imported lazily. */
const PACKAGE_PARTS = /^lib\/(aws\/sts_sdk|terminal\/prompts)\.ts$/;

/** The path from the root, such as `lib/run.ts`, for any form in which the linter names a file. */
function pathOf(filename: string): string {
  const url = new URL(filename.replaceAll("\\", "/").replace(/^(?=[a-z]:\/)/i, "file:///"), ROOT);
  return url.href.startsWith(ROOT) ? url.href.slice(ROOT.length) : filename;
}

/** The file that a relative import resolves to, from the root; `undefined` for any other import. */
function targetOf(path: string, specifier: string): string | undefined {
  if (!/^\.{1,2}\//.test(specifier)) return undefined;
  return pathOf(new URL(specifier, new URL(path, ROOT)).href);
}

type Statement =
  | Deno.lint.ImportDeclaration
  | Deno.lint.ExportNamedDeclaration
  | Deno.lint.ExportAllDeclaration;

/** True if type stripping removes the whole statement. */
function isTypeOnly(node: Statement): boolean {
  if (node.type === "ImportDeclaration") {
    return node.importKind === "type" ||
      node.specifiers.length > 0 &&
        node.specifiers.every((one) => one.type === "ImportSpecifier" && one.importKind === "type");
  }
  return node.exportKind === "type";
}

/** Calls `visit` for every import and re-export that exists at run time. */
function onStaticImport(
  visit: (node: Deno.lint.Node, specifier: string) => void,
): Deno.lint.LintVisitor {
  const check = (node: Statement) => {
    if (node.source && !isTypeOnly(node)) visit(node, node.source.value);
  };
  return {
    ImportDeclaration: check,
    ExportNamedDeclaration: check,
    ExportAllDeclaration: check,
  };
}

/** Calls `visit` for every `import("...")` with a literal. */
function onDynamicImport(
  visit: (node: Deno.lint.Node, specifier: string) => void,
): Deno.lint.LintVisitor {
  return {
    ImportExpression(node) {
      if (node.source.type === "Literal" && typeof node.source.value === "string") {
        visit(node, node.source.value);
      }
    },
  };
}

/** Calls `visit` for every import and re-export, including types and lazy ones. */
function onEveryImport(
  visit: (node: Deno.lint.Node, specifier: string) => void,
): Deno.lint.LintVisitor {
  const check = (node: Statement) => {
    if (node.source) visit(node, node.source.value);
  };
  return {
    ImportDeclaration: check,
    ExportNamedDeclaration: check,
    ExportAllDeclaration: check,
    ...onDynamicImport(visit),
  };
}

/** True if an identifier names a property, so it does not refer to a global. */
function isPropertyName(node: Deno.lint.Identifier): boolean {
  const parent = node.parent;
  switch (parent.type) {
    case "MemberExpression":
      return parent.property === node && !parent.computed && !isGlobalThis(parent.object);
    case "Property":
    case "PropertyDefinition":
    case "MethodDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return parent.key === node && !parent.computed;
    case "TSQualifiedName":
      return parent.right === node;
    default:
      return false;
  }
}

function isGlobalThis(node: Deno.lint.Node): boolean {
  return node.type === "Identifier" && ["globalThis", "self", "window"].includes(node.name);
}

/** True if an identifier declares a name in the file: a parameter, a variable, an import. */
function isDeclaration(node: Deno.lint.Identifier): boolean {
  const parent = node.parent;
  switch (parent.type) {
    case "VariableDeclarator":
    case "FunctionDeclaration":
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
      return !("init" in parent) || parent.init !== node;
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return parent.body !== node;
    case "Property": // In `({ fetch }) => ...` and `const { fetch } = host`.
      return parent.value === node && parent.parent.type === "ObjectPattern";
    case "AssignmentPattern":
      return parent.left === node;
    default:
      return false;
  }
}

const onlyHost: Deno.lint.Rule = {
  create(context) {
    const path = pathOf(context.filename);
    if (MAY_REACH_OUT.test(path)) return {};
    const owned = new Set<string>();
    const found: Deno.lint.Identifier[] = [];
    const clock = (node: Deno.lint.Node, what: string) =>
      context.report({
        node,
        message: `\`${what}\` reads the clock`,
        hint: "use the Host: `host.now()`",
      });
    return {
      Identifier(node) {
        if (!OUTSIDE.has(node.name)) return;
        if (isDeclaration(node)) owned.add(node.name);
        else if (!isPropertyName(node)) found.push(node);
      },
      MemberExpression(node) {
        if (
          node.object.type === "Identifier" && node.object.name === "Date" &&
          node.property.type === "Identifier" && node.property.name === "now"
        ) clock(node, "Date.now");
      },
      NewExpression(node) {
        if (
          node.callee.type === "Identifier" && node.callee.name === "Date" &&
          node.arguments.length === 0
        ) clock(node, "new Date()");
      },
      CallExpression(node) {
        if (node.callee.type === "Identifier" && node.callee.name === "Date") clock(node, "Date()");
      },
      "Program:exit"() {
        for (const node of found) {
          if (owned.has(node.name)) continue;
          context.report({
            node,
            message: `\`${node.name}\` reaches out of the program`,
            hint: "use the Host; only lib/host/ and main.ts may reach the environment",
          });
        }
      },
    };
  },
};

const lazyPackages: Deno.lint.Rule = {
  create(context) {
    const path = pathOf(context.filename);
    if (!/^(main\.ts$|lib\/|strategies\/)/.test(path)) return {};
    return onStaticImport((node, specifier) => {
      const target = targetOf(path, specifier);
      if (target ? !PACKAGE_PARTS.test(target) : LIGHT.test(specifier)) return;
      if (PACKAGE_PARTS.test(path) && node.type === "ExportNamedDeclaration") return;
      context.report({
        node,
        message: `\`${specifier}\` is loaded whenever this file is`,
        hint: "import it where it is used: `await import(...)`; for a type, `import type`",
      });
    });
  },
};

/**
 * The floors of the program, from the ground up: a file imports from floors below its own and from
 * its own package (the entry that it falls under), nothing else. Types count: a file that uses a
 * type of another package depends on it.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ["lib/errors.ts", "lib/version.ts", "lib/text/", "lib/async/"],
  ["lib/host/", "lib/cli/"],
  ["lib/config/", "lib/terminal/"],
  ["lib/plan/"],
  ["lib/context.ts", "strategies/"],
  ["lib/aws/", "lib/sinks/", "lib/emulator/"],
  ["lib/credentials/"],
  ["lib/session/", "lib/plugins/"],
  ["lib/commands/"],
  ["lib/run.ts"],
  ["lib/program.ts"],
  ["main.ts"],
];

/** The floor of a file, and the entry of {@linkcode FLOORS} that it falls under. */
function placeOf(path: string): { readonly floor: number; readonly entry: string } | undefined {
  for (const [floor, entries] of FLOORS.entries()) {
    const entry = entries.find((one) => one.endsWith("/") ? path.startsWith(one) : path === one);
    if (entry !== undefined) return { floor, entry };
  }
  return undefined;
}

const floors: Deno.lint.Rule = {
  create(context) {
    const path = pathOf(context.filename);
    if (!/^(main\.ts$|lib\/|strategies\/)/.test(path)) return {};
    const own = placeOf(path);
    if (own === undefined) {
      return {
        Program(node) {
          context.report({
            node,
            message: `\`${path}\` has no floor`,
            hint: "put the file into a package, or name its floor in scripts/lint_plugin.ts",
          });
        },
      };
    }
    const check = (node: Deno.lint.Node, specifier: string) => {
      const target = targetOf(path, specifier);
      if (target === undefined) return;
      const other = placeOf(target);
      if (other !== undefined && (other.entry === own.entry || other.floor < own.floor)) return;
      context.report({
        node,
        message: `\`${own.entry}\` imports \`${target}\`, which is not below it`,
        hint:
          "imports run downward: pass it in as an argument, or move what both need further down",
      });
    };
    return onEveryImport(check);
  },
};

/** The imports of each file within this repository, read from the disk once per run. */
const importsOf = new Map<string, readonly string[]>();

/** The files that a file imports; none if it cannot be read (a source that is only in a test). */
function importsIn(path: string): readonly string[] {
  const known = importsOf.get(path);
  if (known !== undefined) return known;
  let found: string[] = [];
  try {
    const code = Deno.readTextFileSync(new URL(path, ROOT));
    const specifiers = code.matchAll(
      /^(?:import|export)\b[^"';]*?["'](\.[^"']+)["']|\bimport\("(\.[^"]+)"\)/gm,
    );
    found = [...specifiers].flatMap(([, early, late]) => targetOf(path, early ?? late!) ?? []);
  } catch {
    // Nothing is known about it, so nothing is reported.
  }
  importsOf.set(path, found);
  return found;
}

/** The import path from one file to another, including both; `undefined` if there is none. */
function wayTo(from: string, to: string, seen = new Set<string>()): readonly string[] | undefined {
  if (from === to) return [to];
  if (seen.has(from)) return undefined;
  seen.add(from);
  for (const next of importsIn(from)) {
    const rest = wayTo(next, to, seen);
    if (rest !== undefined) return [from, ...rest];
  }
  return undefined;
}

const noCycle: Deno.lint.Rule = {
  create(context) {
    const path = pathOf(context.filename);
    if (!/^(main\.ts$|lib\/|strategies\/)/.test(path)) return {};
    const check = (node: Deno.lint.Node, specifier: string) => {
      const target = targetOf(path, specifier);
      const way = target === undefined ? undefined : wayTo(target, path);
      if (way === undefined) return;
      context.report({
        node,
        message: `this import closes a cycle: ${[path, ...way].join(" -> ")}`,
        hint: "move what both files need into a file that imports neither",
      });
    };
    return onEveryImport(check);
  },
};

const namedForContent: Deno.lint.Rule = {
  create(context) {
    const name = pathOf(context.filename).split("/").at(-1) ?? "";
    if (!/^(utils?|types?|helpers?|common|misc)\.[jt]sx?$/.test(name)) return {};
    return {
      Program(node) {
        context.report({
          node,
          message: `\`${name}\` does not say what the file holds`,
          hint: "move each part next to its user, or name the file for its one idea",
        });
      },
    };
  },
};

const documented: Deno.lint.Rule = {
  create(context) {
    const path = pathOf(context.filename);
    if (!/^(main\.ts$|lib\/|strategies\/)/.test(path) || path.endsWith(".d.ts")) return {};
    const isDoc = (comment: { type: string; value: string } | undefined) =>
      comment?.type === "Block" && comment.value.startsWith("*");
    return {
      Program(node) {
        const [first] = context.sourceCode.getAllComments();
        if (isDoc(first) && first!.value.includes("@module")) return;
        context.report({
          node,
          message: "this file has no module comment",
          hint: "begin with a doc comment that says what the file is for and ends in `@module`",
        });
      },
      ExportNamedDeclaration(node) {
        if (!node.declaration) return;
        const { text } = context.sourceCode;
        const [start] = node.range;
        const above = context.sourceCode.getAllComments()
          .findLast((one) => isDoc(one) && one.range[1] <= start);
        // Only whitespace and tool directives may stand between the comment and the export.
        if (above && /^(\s|\/\/.*\n)*$/.test(text.slice(above.range[1], start))) return;
        context.report({
          node,
          message: "this export has no doc comment",
          hint: "say what it does or returns, with units and errors",
        });
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "eac",
  rules: {
    "only-host": onlyHost,
    "lazy-packages": lazyPackages,
    floors,
    "no-cycle": noCycle,
    "named-for-content": namedForContent,
    documented,
  },
};

export default plugin;
