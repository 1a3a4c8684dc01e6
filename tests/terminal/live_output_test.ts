import { showLive } from "../../lib/terminal/live_output.ts";
import { assertEquals } from "../support/assert.ts";

/** A terminal on stderr, or a controlling terminal alone, whose timers fire when the test says. */
function screen(kind: "stderr" | "tty" | "none") {
  const shown = { stderr: "", tty: "", closed: false };
  const timers: { milliseconds: number; controller: AbortController }[] = [];
  const host = {
    stderr: { isTerminal: kind === "stderr", write: (text: string) => void (shown.stderr += text) },
    openTerminal: () =>
      kind === "none" ? undefined : {
        read: () => Promise.resolve(undefined),
        write: (text: string) => void (shown.tty += text),
        setRaw() {},
        size: () => ({ columns: 80, rows: 24 }),
        close: () => void (shown.closed = true),
      },
    deadline(milliseconds: number) {
      const controller = new AbortController();
      timers.push({ milliseconds, controller });
      return controller.signal;
    },
  };
  const pass = (milliseconds: number) => {
    for (const timer of timers) if (timer.milliseconds <= milliseconds) timer.controller.abort();
  };
  return { host, shown, pass };
}

const clean = (line: string) => line.replace(/(token: ).+/, "$1***");

Deno.test("showLive shows each line immediately, without secrets and control characters", () => {
  const { host, shown } = screen("stderr");
  const live = showLive(host, "waiting", clean);
  live.heard("Touch your ");
  live.heard("key\ntoken: abc");
  assertEquals(shown.stderr, "Touch your key\n");
  live.heard("def\r\n\x1b]0;title\x07\n");
  live.end();
  assertEquals(shown.stderr, "Touch your key\ntoken: ***\n\\x1b]0;title\\x07\n");
});

Deno.test("showLive shows a prompt without a line break, and never the rest of a secret", () => {
  const { host, shown, pass } = screen("stderr");
  const live = showLive(host, "waiting", clean);
  live.heard("PIN: ");
  pass(150);
  assertEquals(shown.stderr, "PIN: ");
  live.heard("\ntoken: abc");
  pass(150);
  live.heard("def");
  pass(150);
  live.end();
  assertEquals(shown.stderr, "PIN: \ntoken: ***\n");
});

Deno.test("showLive shows what eac waits for only after a second of silence", () => {
  const silent = screen("stderr");
  const live = showLive(silent.host, "waiting for mfa_process", clean);
  silent.pass(999);
  assertEquals(silent.shown.stderr, "");
  silent.pass(1000);
  live.end();
  assertEquals(silent.shown.stderr, "waiting for mfa_process\n");

  const talking = screen("stderr");
  showLive(talking.host, "waiting", clean).heard("hello\n");
  talking.pass(1000);
  assertEquals(talking.shown.stderr, "hello\n");

  const over = screen("stderr");
  showLive(over.host, "waiting", clean).end();
  over.pass(1000);
  assertEquals(over.shown.stderr, "");
});

Deno.test("showLive uses the controlling terminal if stderr is not a terminal, and nothing without either", () => {
  const tty = screen("tty");
  const live = showLive(tty.host, "waiting", clean);
  live.heard("Touch\n");
  live.end();
  assertEquals(tty.shown, { stderr: "", tty: "Touch\n", closed: true });

  const none = screen("none");
  showLive(none.host, "waiting", clean).heard("Touch\n");
  none.pass(1000);
  assertEquals(none.shown, { stderr: "", tty: "", closed: false });
});
