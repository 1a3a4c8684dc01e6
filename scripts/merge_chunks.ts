/**
 * Merges chunks that are always loaded together. The bundler makes a chunk of whatever the same entries
 * share, which is thirty files for a start; one file saves 0.8 ms of a warm start.
 *
 * @module
 */

/** Bundles one file of a folder into another; imports of the `external` files stay imports. */
export type Bundler = (from: string, to: string, external: readonly string[]) => void;

/** Matches an import from another file of the folder: the names, and the file. */
const IMPORT = /\bimport(?:\{([^}]*)\}from)?"(\.{1,2}\/[\w./-]+\.js)";/g;

/** Resolves a relative specifier in `file` to a path from the bundle's folder. */
function resolve(file: string, specifier: string): string {
  return new URL(specifier, `file:///${file}`).pathname.slice(1);
}

/** The specifier with which `file` imports `target`. */
export function specifierOf(file: string, target: string): string {
  return `${"../".repeat(file.split("/").length - 1) || "./"}${target}`;
}

/**
 * Merges the static imports of `entry` into `entry`, except what the files in `apart` import too. The
 * other files of the folder are changed to import from there.
 */
export function mergeChunks(
  folder: string,
  files: readonly string[],
  { entry, apart, bundler }: { entry: string; apart: readonly string[]; bundler: Bundler },
): void {
  const read = (file: string) => Deno.readTextFileSync(`${folder}/${file}`);
  const write = (file: string, code: string) => Deno.writeTextFileSync(`${folder}/${file}`, code);
  const aside = new Set(apart.flatMap((file) => [...loadedWith(read, file)]));
  const inside = [...loadedWith(read, entry)].filter((file) => !aside.has(file)).sort();
  const outside = files.filter((file) => !inside.includes(file));

  // Two files may export the same name, so each name gets the number of its file.
  const everything = inside.map((file, number) => {
    const names = namesOf(/\bexport\{([^}]*)\};\s*$/.exec(read(file))?.[1]);
    const spelled = names.map(({ as }) => file === entry ? as : `${as} as ${as}_${number}`);
    return `export{${spelled}}from"./${file}";\n`;
  });
  write("everything.js", everything.join(""));
  bundler("everything.js", "merged.js", outside);
  // The bundler writes specifiers relative to the top of the folder, or absolute ones; the entry may be
  // deeper, and the folder is temporary.
  const real = Deno.realPathSync(folder).replaceAll("\\", "/");
  const merged = read("merged.js").replace(
    /"((?:[A-Za-z]:)?[\w./ -]+\.js)"/g,
    (text, specifier: string) => {
      const file = [`${real}/`, `${folder}/`, "./"].reduce(
        (rest, start) => rest.startsWith(start) ? rest.slice(start.length) : rest,
        specifier,
      );
      return outside.includes(file) ? `"${specifierOf(entry, file)}"` : text;
    },
  );
  for (const file of ["everything.js", "merged.js", ...inside]) {
    Deno.removeSync(`${folder}/${file}`);
  }
  write(entry, merged);

  for (const file of outside) {
    const code = read(file);
    const linked = code.replace(IMPORT, (statement, names: string | undefined, from) => {
      const number = inside.indexOf(resolve(file, from));
      if (number < 0) return statement;
      const spelled = namesOf(names).map(({ name, as }) => `${name}_${number} as ${as}`);
      return spelled.length === 0 ? "" : `import{${spelled}}from"${specifierOf(file, entry)}";`;
    });
    if (linked !== code) write(file, linked);
  }
}

/** The names in the braces of an import or export: `a as b,c`. */
function namesOf(list = ""): { name: string; as: string }[] {
  return list.split(",").filter((one) => one !== "").map((one) => {
    const [name = one, as = name] = one.split(" as ");
    return { name, as };
  });
}

/** A file and all its static imports, transitively. */
function loadedWith(
  read: (file: string) => string,
  file: string,
  loaded = new Set<string>(),
): Set<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  for (const [, , from] of read(file).matchAll(IMPORT)) {
    loadedWith(read, resolve(file, from!), loaded);
  }
  return loaded;
}
