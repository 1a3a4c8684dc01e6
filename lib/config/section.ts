/**
 * The settings of one section, whichever files they come from.
 *
 * @module
 */

import type { Place } from "../errors.ts";

/** A value, and where it stands. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  readonly place: Required<Place>;
}

/** A section as who wants single settings of it sees it. */
export interface Lookup {
  get(key: string): { readonly value: string; readonly place?: Place } | undefined;
}

/** Settings by their keys, in lower case. */
export interface Section extends Lookup {
  /** The setting of that key. */
  get(key: string): Setting | undefined;
  /** All of them, in the order of the files, no key twice. */
  [Symbol.iterator](): Iterator<Setting>;
}

/** What several sections of one name come to: of each key the last setting, in the place of the first. */
export class MergedSection implements Section {
  readonly #settings = new Map<string, Setting>();

  /** @param settings those of the first section */
  constructor(settings: Iterable<Setting>) {
    for (const setting of settings) this.set(setting);
  }

  get(key: string): Setting | undefined {
    return this.#settings.get(key);
  }

  /** Sets one in the place of another of its key, or at the end. */
  set(setting: Setting): void {
    this.#settings.set(setting.key, setting);
  }

  [Symbol.iterator](): Iterator<Setting> {
    return this.#settings.values();
  }
}
