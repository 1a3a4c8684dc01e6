/**
 * Faults that tests can script.
 *
 * @module
 */

import { Refusal, refuse } from "./answers.ts";

/**
 * A fault that replaces or delays the response to the next calls; in JSON, a test can script it.
 */
export interface Fault {
  /** The number of calls that it affects; 1 if absent. */
  readonly times?: number | undefined;
  /** Affects only calls of this action. */
  readonly action?: string | undefined;
  /** Milliseconds before the response. */
  readonly delay?: number | undefined;
  /** True if the call takes effect (a code is used) before the fault replaces its response. */
  readonly late?: boolean | undefined;
  /**
   * The response; if absent, the real one (after the delay). `throttled`: 400 `Throttling`;
   * `closed`: the connection closes before the response is complete; a number: a service error
   * (500, 503); or a custom response.
   */
  readonly answer?: ("throttled" | "closed" | number | CannedAnswer | (() => Response)) | undefined;
}

/** A literal response. */
export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: string;
}

/** Takes the first fault for this action from the queue. */
export function takeFault(queue: Fault[], action: string): Fault | undefined {
  const index = queue.findIndex((fault) => fault.action === undefined || fault.action === action);
  const fault = queue[index];
  if (!fault) return undefined;
  const times = (fault.times ?? 1) - 1;
  if (times > 0) queue[index] = { ...fault, times };
  else queue.splice(index, 1);
  return fault;
}

/** The response of a fault. */
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
    // With a content-length of 100 and no body, the server can only close the connection.
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
