/** Lines that eac exchanges with a program. */

import { converse } from "../../lib/host/conversation.ts";
import { assertEquals } from "../support/assert.ts";
import { posixShellTest } from "../support/posix.ts";

posixShellTest(
  "converse reads each line without its end, also the last one without a line break",
  async () => {
    const cases: readonly (readonly [printed: string, lines: readonly string[]])[] = [
      ["", []],
      ["a", ["a"]],
      ["a\\nb", ["a", "b"]],
      ["a\\r\\nb\\n", ["a", "b"]],
      ["a\\n\\nb\\n\\n", ["a", "", "b", ""]],
      ["\\303\\274", ["ü"]],
    ];
    for (const [printed, lines] of cases) {
      const conversation = converse({
        command: "/bin/sh",
        args: ["-c", `printf '${printed}'`],
        env: {},
      }, {});
      const read: string[] = [];
      for (let line = await conversation.read(); line !== undefined;) {
        read.push(line);
        line = await conversation.read();
      }
      assertEquals([read, (await conversation.end()).code], [lines, 0], printed);
    }
  },
);
