/**
 * Suggestions for mistyped commands, options and profiles.
 *
 * @module
 */

/** The number of single-character edits (or swaps of adjacent characters) from `a` to `b`. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, before[j - 2]! + 1);
      }
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** At most `most` of `names` that `name` was probably meant to be, nearest first. */
export function nearest(name: string, names: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase().slice(0, 64);
  // At least one letter has to be right, so a single letter gets no suggestion.
  const limit = Math.min(wanted.length - 1, Math.max(1, Math.floor(wanted.length / 3)));
  const found: { name: string; far: number }[] = [];
  for (const candidate of names) {
    const other = candidate.toLowerCase();
    const begins = Math.min(wanted.length, other.length) > 1 &&
      (other.startsWith(wanted) || wanted.startsWith(other));
    if (!begins && Math.abs(other.length - wanted.length) > limit) continue;
    const far = begins ? 0.5 : distance(wanted, other);
    if (far <= limit) found.push({ name: candidate, far });
  }
  found.sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
  return found.slice(0, most).map((entry) => entry.name);
}

/** `did you mean a or b?`, or an empty string. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const found = nearest(name, names);
  return found.length === 0 ? "" : `did you mean ${found.join(" or ")}?`;
}
