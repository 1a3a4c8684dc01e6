/**
 * Signals of the operating system.
 *
 * @module
 */

import type { SignalName } from "./host.ts";

/** Calls `handler` at that signal, if the system has it, until the returned function is called. */
export function listen(name: Deno.Signal, handler: () => void): () => void {
  try {
    Deno.addSignalListener(name, handler);
  } catch {
    return () => {}; // this system does not know the signal
  }
  return () => Deno.removeSignalListener(name, handler);
}

/** Calls `handler` at each of these signals; see {@linkcode Host.onSignal}. */
export function onSignal(
  names: readonly SignalName[],
  handler: (name: SignalName) => void,
): () => void {
  const remove = names.map((name) => listen(name, () => handler(name)));
  return () => remove.forEach((stop) => stop());
}
