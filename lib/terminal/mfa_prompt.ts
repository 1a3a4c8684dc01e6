/**
 * The question for an MFA code.
 *
 * The digits are shown: a code expires within half a minute, and blind typing causes mistakes.
 * (aws-vault shows them too, the AWS CLI does not.)
 *
 * @module
 */

import type { TerminalDevice } from "../host/host.ts";
import { askLine } from "./ask.ts";
import { printable } from "../text/printable.ts";

/**
 * Asks until six digits are typed; blanks between them are fine, as in `123 456`. Other input is
 * refused without a call, since AWS would count it as a wrong code.
 *
 * @throws {EacError} `interrupted` at Ctrl-C, `input_required` when the input ends.
 */
export async function askMfaCode(device: TerminalDevice, serial: string): Promise<string> {
  const name = serial.split("/").at(-1);
  const question = name === serial
    ? `MFA code for ${serial}: `
    : `MFA code for ${name} (${serial}): `;
  for (;;) {
    const code = (await askLine(device, printable(question))).replace(/\s/g, "");
    if (/^\d{6}$/.test(code)) return code;
    device.write("an MFA code has six digits\n");
  }
}
