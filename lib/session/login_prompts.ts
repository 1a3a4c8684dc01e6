/**
 * The output and the prompts of a sign-in: a URL, a code, the browser.
 *
 * @module
 */

import { type Context, whyNoPrompt, withTerminal } from "../context.ts";
import type { Browse } from "../credentials/oauth/authorization_code.ts";
import { asEacError, EacError } from "../errors.ts";
import { openInBrowser } from "../sinks/browser.ts";
import { askLine } from "../terminal/ask.ts";
import { printable } from "../text/printable.ts";

/** Opens the page in the browser, and shows its URL in case none opens. */
export function browseFor(context: Context, service: string): Browse {
  return async (url, signal) => {
    const text = `Sign in to ${service} in your browser. If none opens, open this URL:`;
    await show(context, `${text}\n\n  ${url}\n\n`);
    await open(context, url, signal);
  };
}

/** Shows a code to confirm at a URL; opens the browser there too, unless it is on another device. */
export async function confirmCode(
  context: Context,
  { url, code, elsewhere }: {
    readonly url: string;
    readonly code: string;
    readonly elsewhere: boolean;
  },
  signal: AbortSignal,
): Promise<void> {
  await show(context, `Open this URL and confirm the code ${code}:\n\n  ${url}\n\n`);
  if (!elsewhere) await open(context, url, signal);
}

/**
 * Asks for the code that AWS shows at a URL.
 *
 * @param again why the user is asked again
 * @throws {EacError} `interrupted`, `input_required` if the user cannot be asked
 */
export async function askAuthorizationCode(
  context: Context,
  url: string,
  again: string | undefined,
): Promise<string> {
  const why = whyNoPrompt(context);
  if (why !== undefined) {
    throw new EacError("input_required", `a code from another device has to be typed, and ${why}`, {
      hint: "run the command in a terminal",
    });
  }
  const code = await withTerminal(context.host, (device) => {
    const text = again ?? `Sign in to AWS on any device, at this URL:\n\n  ${url}\n`;
    device.write(printable(`${text}\n`));
    return askLine(device, "Code that AWS shows: ");
  });
  if (code === undefined) throw new EacError("input_required", "the terminal was closed");
  return code;
}

/** Opens the browser. A failure is only logged: the user has seen the URL. */
async function open({ host, log }: Context, url: string, signal: AbortSignal): Promise<void> {
  try {
    const outcome = await openInBrowser(host, url, signal);
    if (outcome === "opened" || signal.aborted) return;
    log.warn("the browser did not open the page: open the URL yourself");
  } catch (thrown) {
    const error = asEacError(thrown);
    if (error.code !== "exec_failed") throw error;
    log.warn(`${error.message}: open the URL yourself`);
  }
}

/** Shows what the user needs to continue: on the terminal like a prompt, otherwise on stderr. */
async function show({ host }: Context, text: string): Promise<void> {
  const shown = printable(text);
  const isShown = await withTerminal(host, (device) => {
    device.write(shown);
    return Promise.resolve(true);
  });
  if (!isShown) host.stderr.write(shown);
}
