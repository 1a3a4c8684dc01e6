/**
 * The settings of one section, from one file or both.
 *
 * @module
 */

import type { Place } from "../errors.ts";

/** A value and its place. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  readonly place: Required<Place>;
}

/** Looks up single settings of a section. */
export interface Lookup {
  get(key: string): { readonly value: string; readonly place?: Place } | undefined;
}

/** Settings by their keys, in lower case. */
export interface Section extends Lookup {
  /** The setting of that key. */
  get(key: string): Setting | undefined;
  /** The value of that key: for lists, whose thousands of sections need no object for each setting. */
  value(key: string): string | undefined;
  /** Calls `visit` for each setting, without making an object for it. */
  forEach(visit: (value: string, key: string) => void): void;
  /** All settings, in the order of the files, each key once. */
  [Symbol.iterator](): Iterator<Setting>;
}

/**
 * Several sections of one name, merged: each key has its last setting, at the position of its
 * first.
 */
export class MergedSection implements Section {
  readonly #settings = new Map<string, Setting>();

  /** @param settings those of the first section */
  constructor(settings: Iterable<Setting>) {
    for (const setting of settings) this.set(setting);
  }

  get(key: string): Setting | undefined {
    return this.#settings.get(key);
  }

  value(key: string): string | undefined {
    return this.#settings.get(key)?.value;
  }

  forEach(visit: (value: string, key: string) => void): void {
    for (const { key, value } of this) visit(value, key);
  }

  /** Replaces the setting of the same key, or adds one at the end. */
  set(setting: Setting): void {
    this.#settings.set(setting.key, setting);
  }

  [Symbol.iterator](): IterableIterator<Setting> {
    return this.#settings.values();
  }
}
