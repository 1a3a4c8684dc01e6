/**
 * Faults on demand: what a server does on a bad day, for tests to script.
 *
 * @module
 */

import { Refusal, refuse } from "./answers.ts";

/** What happens to the next calls in place of, or before, their answer. As plain data it is JSON. */
export interface Fault {
  /** How many calls it strikes; 1 when absent. */
  readonly times?: number | undefined;
  /** Strikes calls of this action only. */
  readonly action?: string | undefined;
  /** Milliseconds that the call waits first. */
  readonly delay?: number | undefined;
  /** True: the call takes effect (a code is spent), and then its answer is lost to the fault. */
  readonly late?: boolean | undefined;
  /**
   * What is answered; absent, the true answer (after the delay). `throttled`: 400 `Throttling`;
   * `closed`: the connection ends before the answer does; a number: a service error (500, 503);
   * or an answer of the test's own.
   */
  readonly answer?: ("throttled" | "closed" | number | CannedAnswer | (() => Response)) | undefined;
}

/** An answer, word for word. */
export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: string;
}

/** Takes from the queue the first fault that strikes this action. */
export function takeFault(queue: Fault[], action: string): Fault | undefined {
  const index = queue.findIndex((fault) => fault.action === undefined || fault.action === action);
  const fault = queue[index];
  if (!fault) return undefined;
  const times = (fault.times ?? 1) - 1;
  if (times > 0) queue[index] = { ...fault, times };
  else queue.splice(index, 1);
  return fault;
}

/** The answer of a fault. */
export function faultAnswer(
  answer: NonNullable<Fault["answer"]>,
  requestId: string,
): Response {
  if (typeof answer === "function") return answer();
  if (typeof answer === "object") {
    const { status, headers = {}, body } = answer;
    return new Response(body, { status, headers });
  }
  if (answer === "closed") {
    // A hundred bytes are promised and none come: the server can only cut the connection.
    const empty = new ReadableStream({ start: (controller) => controller.close() });
    return new Response(empty, { headers: { "content-length": "100" } });
  }
  if (answer === "throttled") {
    return refuse("sts", new Refusal(400, "Throttling", "Rate exceeded"), requestId);
  }
  const [code, message] = answer === 503
    ? ["ServiceUnavailable", "The request has failed due to a temporary failure of the server."]
    : [
      "InternalFailure",
      "The request processing has failed because of an unknown error, exception or failure.",
    ];
  return refuse("sts", new Refusal(answer, code, message), requestId);
}
