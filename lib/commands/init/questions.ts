/**
 * Questions that a flag may have answered already. With `--yes` nobody is asked: what no flag says
 * has its suggestion, or is missing.
 *
 * @module
 */

import { type Context, withTerminal } from "../../context.ts";
import { EacError } from "../../errors.ts";
import { askLine, askSecret } from "../../terminal/ask.ts";
import { printable } from "../../text/printable.ts";

/** A question for a line. */
export interface Question {
  readonly text: string;
  /** What a flag said. */
  readonly given?: string | undefined;
  /** The flag, for who has to give it. */
  readonly flag: string;
  /** What an empty answer means; absent: there has to be an answer. */
  readonly suggestion?: string | undefined;
  /** True where `-` means none. */
  readonly optional?: boolean;
  /** What is wrong with an answer, if anything. */
  readonly check?: (answer: string) => string | undefined;
}

/** Who answers. */
export interface Asker {
  /** True where a person answers. */
  readonly person: boolean;
  /** The answer; empty for none. */
  line(question: Question): Promise<string>;
  /** An answer that is not shown. */
  secret(text: string): Promise<string>;
  /** Enter means `otherwise`, which is also what `--yes` answers. */
  confirm(text: string, otherwise: boolean): Promise<boolean>;
  /** One of several, by its number. */
  choose(text: string, choices: readonly string[]): Promise<number>;
  /** Shows something to who answers. */
  show(text: string): Promise<void>;
}

/** The person at the terminal, or the flags alone. */
export function createAsker(context: Context): Asker {
  const { host, options, log } = context;
  const onTerminal = async <T>(use: Parameters<typeof withTerminal<T>>[1]): Promise<T> => {
    const answer = await withTerminal(host, use);
    if (answer === undefined) throw new EacError("input_required", "the terminal has gone away");
    return answer;
  };
  const show = async (text: string) => {
    if (options.yes) log.done(text);
    else {await onTerminal((device) =>
        Promise.resolve(device.write(`${printable(text)}\n`) ?? true)
      );}
  };
  const type = (text: string) => onTerminal((device) => askLine(device, printable(text)));

  return {
    person: !options.yes,
    show,
    async line({ text, given, flag, suggestion, optional = false, check = () => undefined }) {
      const known = given ?? (options.yes ? suggestion ?? (optional ? "" : undefined) : undefined);
      if (known !== undefined) {
        const problem = known === "" ? undefined : check(known);
        if (problem === undefined) return known;
        throw new EacError("usage", problem, { hint: `${flag} says it` });
      }
      if (options.yes) {
        throw new EacError("usage", `eac init --yes needs ${flag}`, {
          hint: "eac init --help shows the options; without --yes eac asks",
        });
      }
      const hints = [suggestion, optional && suggestion ? "- for none" : undefined]
        .filter((hint) => hint !== undefined && hint !== "");
      const question = `${text}${hints.length > 0 ? ` (${hints.join("; ")})` : ""}: `;
      for (;;) {
        const typed = await type(question);
        const answer = typed === "" ? suggestion ?? "" : optional && typed === "-" ? "" : typed;
        if (answer === "" && optional) return "";
        const problem = answer === "" ? "an answer is needed" : check(answer);
        if (problem === undefined) return answer;
        await show(problem);
      }
    },
    async secret(text) {
      return (await onTerminal((device) => askSecret(device, printable(text)))).trim();
    },
    async confirm(text, otherwise) {
      if (options.yes) return otherwise;
      for (;;) {
        const answer = (await type(`${text} (${otherwise ? "Y/n" : "y/N"}) `)).toLowerCase();
        if (answer === "") return otherwise;
        if (/^(y|yes|n|no)$/.test(answer)) return answer.startsWith("y");
      }
    },
    async choose(text, choices) {
      await show(choices.map((choice, index) => `  ${index + 1}  ${choice}`).join("\n"));
      for (;;) {
        const answer = await type(`${text} (1-${choices.length}) `);
        if (/^\d{1,3}$/.test(answer) && choices[Number(answer) - 1]) return Number(answer) - 1;
      }
    },
  };
}
