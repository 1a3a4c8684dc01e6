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

/**
 * Settings by their keys, in lower case. They are few, and thousands of sections are looked at once:
 * a list takes a fifth of a Map's room.
 */
export class Section {
  readonly #settings: Setting[];

  /** @param settings in the order of the file, no key twice */
  constructor(settings: Setting[]) {
    this.#settings = settings;
  }

  /** The setting of that key. */
  get(key: string): Setting | undefined {
    for (const setting of this.#settings) if (setting.key === key) return setting;
    return undefined;
  }

  /** Sets one in the place of another of its key, or at the end. */
  set(setting: Setting): void {
    const at = this.#settings.findIndex(({ key }) => key === setting.key);
    if (at < 0) this.#settings.push(setting);
    else this.#settings[at] = setting;
  }

  /** All of them, in the order of the files. */
  [Symbol.iterator](): Iterator<Setting> {
    return this.#settings[Symbol.iterator]();
  }
}
