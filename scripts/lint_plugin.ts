/**
 * The house rules that the linter keeps: one door to the world, a warm path that loads no package,
 * imports that point one way, files named after what they hold, and words on what is exported.
 *
 * @module
 */

/** Where this repository lies, as a URL that ends in a slash. */
const ROOT = new URL("../", import.meta.url).href;

/** Names of the global scope that reach out of the program. */
const OUTSIDE = new Set(["Deno", "console", "fetch", "performance", "setTimeout", "setInterval"]);

/** Files that may reach out: the Host and its parts, the composition root, and what never ships. */
const DOORS = /^(main\.ts|lib\/host\/.*|scripts\/.*|tests\/.*|examples\/.*)$/;

/** Bare names that the warm path may load: one small file of deno-std, and our own contract. */
const LIGHT = /^(@std\/cli\/.*|eac\/strategy)$/;

/** Files that re-export a part of a package, so that a bundle can leave out the rest; imported late. */
const DOORSTEPS = /^lib\/(credentials\/providers\/sdk|aws\/sts_sdk|terminal\/prompts)\.ts$/;

/** `lib/run.ts`, for a file of this repository however the linter names it. */
function pathOf(filename: string): string {
  const url = new URL(filename.replaceAll("\\", "/").replace(/^(?=[a-z]:\/)/i, "file:///"), ROOT);
  return url.href.startsWith(ROOT) ? url.href.slice(ROOT.length) : filename;
}

/** The file of this repository that a relative import means; `undefined` for any other import. */
function targetOf(path: string, specifier: string): string | undefined {
  if (!/^\.{1,2}\//.test(specifier)) return undefined;
  return pathOf(new URL(specifier, new URL(path, ROOT)).href);
}

type Statement =
  | Deno.lint.ImportDeclaration
  | Deno.lint.ExportNamedDeclaration
  | Deno.lint.ExportAllDeclaration;

/** True when nothing of the statement is left after type stripping. */
function isTypeOnly(node: Statement): boolean {
  if (node.type === "ImportDeclaration") {
    return node.importKind === "type" ||
      node.specifiers.length > 0 &&
        node.specifiers.every((one) => one.type === "ImportSpecifier" && one.importKind === "type");
  }
  return node.exportKind === "type";
}

/** Calls `visit` for every import and re-export that stays at run time. */
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

/** The same for `import("...")` with a literal. */
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

/** True where an identifier only names a property, so that it refers to nothing global. */
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

/** True where an identifier gives a name of the file's own: a parameter, a variable, an import. */
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

const oneDoor: Deno.lint.Rule = {
  create(context) {
    const path = pathOf(context.filename);
    if (DOORS.test(path)) return {};
    const owned = new Set<string>();
    const found: Deno.lint.Identifier[] = [];
    const clock = (node: Deno.lint.Node, what: string) =>
      context.report({
        node,
        message: `\`${what}\` asks the clock`,
        hint: "take the time from the Host: `host.now()`",
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
            hint: "take it from the Host; only lib/host/ and main.ts reach the environment",
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
      if (target ? !DOORSTEPS.test(target) : LIGHT.test(specifier)) return;
      if (DOORSTEPS.test(path) && node.type === "ExportNamedDeclaration") return;
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
 * its own package (the entry that it falls under), nothing else. Types count: who needs a type of
 * another package depends on it.
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
      if (target === undefined || target === "deno.json") return;
      const other = placeOf(target);
      if (other !== undefined && (other.entry === own.entry || other.floor < own.floor)) return;
      context.report({
        node,
        message: `\`${own.entry}\` imports \`${target}\`, which is not below it`,
        hint:
          "imports run downward: pass it in as an argument, or move what both need further down",
      });
    };
    const onImport = (node: Statement) => {
      if (node.source) check(node, node.source.value);
    };
    return {
      ImportDeclaration: onImport,
      ExportNamedDeclaration: onImport,
      ExportAllDeclaration: onImport,
      ...onDynamicImport(check),
    };
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
          message: `\`${name}\` says nothing about what is in it`,
          hint: "put each thing beside what uses it, or name the file after its one idea",
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
          message: "this file does not begin with what it is for",
          hint: "a sentence or two in a doc comment that ends in `@module`",
        });
      },
      ExportNamedDeclaration(node) {
        if (!node.declaration) return;
        const { text } = context.sourceCode;
        const [start] = node.range;
        const above = context.sourceCode.getAllComments()
          .findLast((one) => isDoc(one) && one.range[1] <= start);
        // Only blanks and remarks to tools stand between the words and what they are about.
        if (above && /^(\s|\/\/.*\n)*$/.test(text.slice(above.range[1], start))) return;
        context.report({
          node,
          message: "what other files may use has no doc comment",
          hint: "say in a sentence what it gives; the units and errors, where there are any",
        });
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "eac",
  rules: {
    "one-door": oneDoor,
    "lazy-packages": lazyPackages,
    floors,
    "named-for-content": namedForContent,
    documented,
  },
};

export default plugin;
