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

/** Settings by their keys, in lower case. */
export interface Section {
  /** The setting of that key. */
  get(key: string): Setting | undefined;
  /** All of them, in the order of the files, no key twice. */
  [Symbol.iterator](): Iterator<Setting>;
}

/** What several sections of one name come to. They are few, and so are their settings. */
export class MergedSection implements Section {
  readonly #settings: Setting[];

  /** @param settings no key twice */
  constructor(settings: Iterable<Setting>) {
    this.#settings = [...settings];
  }

  get(key: string): Setting | undefined {
    return this.#settings.find((setting) => setting.key === key);
  }

  /** Sets one in the place of another of its key, or at the end. */
  set(setting: Setting): void {
    const at = this.#settings.findIndex(({ key }) => key === setting.key);
    if (at < 0) this.#settings.push(setting);
    else this.#settings[at] = setting;
  }

  [Symbol.iterator](): Iterator<Setting> {
    return this.#settings[Symbol.iterator]();
  }
}
