/**
 * Questions that an option can answer in advance. With `--yes` there are no prompts: a question without
 * an option gets its suggested answer, or is an error.
 *
 * @module
 */

import { type Context, withTerminal } from "../../context.ts";
import { EacError } from "../../errors.ts";
import { askLine, askSecret, askYesNo } from "../../terminal/ask.ts";
import { printable } from "../../text/printable.ts";

/** A question that is answered with one line. */
export interface Question {
  readonly text: string;
  /** The answer from an option. */
  readonly given?: string | undefined;
  /** The option or argument that answers it. */
  readonly flag: string;
  /** The answer for Enter; without one, an answer is required. */
  readonly suggestion?: string | undefined;
  /** Whether `-` means no answer. */
  readonly optional?: boolean | undefined;
  /** The problem with an answer; `undefined` for a valid one. */
  readonly check?: (answer: string) => string | undefined;
}

/** Asks questions, or takes the answers from the options. */
export interface Asker {
  /** False with `--yes`. */
  readonly interactive: boolean;
  /** Returns the answer; empty for none. */
  line(question: Question): Promise<string>;
  /** Asks without echo. */
  secret(text: string): Promise<string>;
  /** Asks yes or no; Enter and `--yes` give `defaultAnswer`. */
  confirm(text: string, defaultAnswer: boolean): Promise<boolean>;
  /** Asks for one of several choices; returns its index. */
  choose(text: string, choices: readonly string[]): Promise<number>;
  /** Shows a line of text. */
  show(text: string): Promise<void>;
}

/** Asks on the terminal; with `--yes`, uses the options only. */
export function createAsker(context: Context): Asker {
  const { host, options, log } = context;
  const onTerminal = async <T>(use: Parameters<typeof withTerminal<T>>[1]): Promise<T> => {
    const answer = await withTerminal(host, use);
    if (answer === undefined) throw new EacError("input_required", "the terminal was closed");
    return answer;
  };
  const show = async (text: string) => {
    if (options.yes) log.done(text);
    else {
      await onTerminal((device) => {
        device.write(`${printable(text)}\n`);
        return Promise.resolve(true);
      });
    }
  };
  const type = (text: string) => onTerminal((device) => askLine(device, printable(text)));

  return {
    interactive: !options.yes,
    show,
    async line({ text, given, flag, suggestion, optional = false, check = () => undefined }) {
      const known = given ?? (options.yes ? suggestion ?? (optional ? "" : undefined) : undefined);
      if (known !== undefined) {
        const problem = known === "" ? undefined : check(known);
        if (problem === undefined) return known;
        throw new EacError("usage", problem, {
          hint: `pass another ${flag.startsWith("--") ? `value with ${flag}` : flag}`,
        });
      }
      if (options.yes) {
        throw new EacError("usage", `eac init --yes requires ${flag}`, {
          hint: "see eac init --help, or omit --yes to be prompted",
        });
      }
      const hints = [suggestion, optional && suggestion ? "- for none" : undefined]
        .filter((hint) => hint !== undefined && hint !== "");
      const question = `${text}${hints.length > 0 ? ` (${hints.join("; ")})` : ""}: `;
      for (;;) {
        const typed = await type(question);
        const answer = typed === "" ? suggestion ?? "" : optional && typed === "-" ? "" : typed;
        if (answer === "" && optional) return "";
        const problem = answer === "" ? "an answer is required" : check(answer);
        if (problem === undefined) return answer;
        await show(problem);
      }
    },
    async secret(text) {
      return (await onTerminal((device) => askSecret(device, printable(text)))).trim();
    },
    async confirm(text, defaultAnswer) {
      if (options.yes) return defaultAnswer;
      return await onTerminal((device) => askYesNo(device, printable(text), defaultAnswer));
    },
    async choose(text, choices) {
      await show(choices.map((choice, index) => `  ${index + 1}  ${choice}`).join("\n"));
      for (;;) {
        const answer = await type(`${text} (1-${choices.length}) `);
        if (/^\d{1,3}$/.test(answer) && choices[Number(answer) - 1]) return Number(answer) - 1;
        await show(`type a number from 1 to ${choices.length}`);
      }
    },
  };
}
