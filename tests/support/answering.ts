/**
 * A network with prepared responses.
 *
 * @module
 */

import { EacError } from "../../lib/errors.ts";
import type { HttpRequest } from "../../lib/host/host.ts";
import type { TestHost } from "./fakes.ts";

/** An answer: a status with its value, or an exchange that fails. */
export type Answer = readonly [status: number, value?: unknown] | EacError;

/** Lets the answers come one after another, the last one again and again; the requests so far. */
export function answering(host: TestHost, answers: readonly Answer[]): HttpRequest[] {
  const requests: HttpRequest[] = [];
  host.http = (request) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)]!;
    requests.push(request);
    if (answer instanceof EacError) return Promise.reject(answer);
    const [status, value = {}] = answer;
    const body = new TextEncoder().encode(JSON.stringify(value));
    return Promise.resolve({ status, headers: {}, body });
  };
  return requests;
}
