/**
 * An STS on loopback that behaves like AWS: it checks signatures, codes, trust policies and
 * durations. `eac demo` and the tests use it; it also emulates the few parts of IAM and of the
 * console's sign-in that eac uses.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Action } from "./action.ts";
import { answer, Refusal, refuse, type Service } from "./answers.ts";
import { authenticate } from "./caller.ts";
import { type Fault, faultAnswer, takeFault } from "./faults.ts";
import { UNSIGNED_ACTIONS } from "./federated.ts";
import { getSigninToken } from "./federation.ts";
import { IAM_ACTIONS } from "./iam.ts";
import { type Authorization, parseAuthorization, type SignedParts } from "./sigv4.ts";
import { STS_ACTIONS } from "./sts.ts";
import {
  createWorld,
  newRequestId,
  type Random,
  type World,
  type WorldDescription,
} from "./world.ts";

/** A received call. */
export interface Call {
  readonly action: string;
  /** All parameters, including the code. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The access key ID; `undefined` for an unsigned call. */
  readonly signedWith: string | undefined;
  readonly region: string | undefined;
  /** The server's time, milliseconds since 1970. */
  readonly at: number;
  /** The status of the response; 0 before it is sent. */
  status: number;
  /** Why it was refused; `undefined` if it was not, or if a fault answered. */
  errorCode: string | undefined;
}

/** Options of the emulator. */
export interface EmulatorOptions {
  /** The delay of every call in milliseconds. */
  readonly serverDelay?: number | undefined;
  /** How far the server's clock is ahead, in milliseconds. */
  readonly clockOffset?: number | undefined;
  /** The random source for IDs, secrets and tokens; by default `crypto.getRandomValues`. */
  readonly random?: Random | undefined;
}

/** A running emulator; its fields may be read and changed at any time. */
export interface Emulator {
  /** The endpoint of STS and IAM; the federation endpoint is `/federation` there. */
  readonly url: string;
  readonly world: World;
  readonly calls: Call[];
  /** A queue: each call takes the first that applies to it. */
  readonly faults: Fault[];
  clockOffset: number;
  stop(): Promise<void>;
}

/** Starts an emulator on a free port. */
export function startEmulator(
  host: Pick<Host, "serve" | "now" | "sleep">,
  description: WorldDescription,
  options: EmulatorOptions = {},
): Emulator {
  const world = createWorld(description);
  const { serverDelay = 0, clockOffset = 0, random = randomValues } = options;
  const stopping = new AbortController();
  const server = host.serve(handle);
  const emulator: Emulator = {
    url: server.url,
    world,
    calls: [],
    faults: [],
    clockOffset,
    stop() {
      stopping.abort();
      return server.stop();
    },
  };
  return emulator;

  async function handle(request: Request): Promise<Response> {
    const now = host.now() + emulator.clockOffset;
    const { parts, parameters } = await read(request);
    const authorization = parseAuthorization(parts.headers.get("authorization") ?? "");
    const call: Call = {
      action: parameters.Action ?? "",
      parameters,
      signedWith: authorization?.accessKeyId,
      region: authorization?.region,
      at: now,
      status: 0,
      errorCode: undefined,
    };
    emulator.calls.push(call);

    const fault = takeFault(emulator.faults, call.action);
    const delay = serverDelay + (fault?.delay ?? 0);
    if (delay > 0) await host.sleep(delay, stopping.signal);

    const requestId = newRequestId(random);
    let response: Response | undefined;
    if (fault?.answer === undefined || fault.late) {
      response = parts.path === "/federation"
        ? getSigninToken(parameters, world, now, random)
        : await perform(call, parts, authorization, requestId);
    }
    if (fault?.answer !== undefined) response = faultAnswer(fault.answer, requestId);
    response ??= new Response();
    if (fault?.answer !== "closed") call.status = response.status;
    // eac detects a wrong clock by this header.
    if (!response.headers.has("date")) {
      response.headers.set("date", new Date(now).toUTCString());
    }
    return response;
  }

  /** Performs a call of STS or IAM, and records in `call` why it was refused. */
  async function perform(
    call: Call,
    parts: SignedParts,
    authorization: Authorization | undefined,
    requestId: string,
  ): Promise<Response> {
    const { action, parameters, at: now } = call;
    const service: Service = authorization?.service === "iam" ? "iam" : "sts";
    try {
      const unsigned = UNSIGNED_ACTIONS.get(action);
      if (unsigned !== undefined) {
        const result = unsigned({ world, parameters, now, random });
        return answer(service, action, result, requestId);
      }
      const caller = await authenticate(parts, authorization, world, now);
      const act = findAction(service, action);
      const result = await act({ world, caller, parameters, now, random });
      return answer(service, action, result, requestId);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      call.errorCode = error.code;
      return refuse(service, error, requestId);
    }
  }
}

/** The signed parts of a request, and its parameters from the query and the body. */
async function read(request: Request) {
  const { pathname, search } = new URL(request.url);
  const parts: SignedParts = {
    method: request.method,
    path: pathname,
    query: search.slice(1),
    headers: request.headers,
    body: new Uint8Array(await request.arrayBuffer()),
  };
  const form = new TextDecoder().decode(parts.body);
  const parameters: Record<string, string> = Object.fromEntries([
    ...new URLSearchParams(parts.query),
    ...new URLSearchParams(form),
  ]);
  return { parts, parameters };
}

function findAction(service: Service, name: string): Action {
  const action = (service === "sts" ? STS_ACTIONS : IAM_ACTIONS).get(name);
  if (action) return action;
  const version = service === "sts" ? "2011-06-15" : "2010-05-08";
  throw new Refusal(
    400,
    "InvalidAction",
    `Could not find operation ${name} for version ${version}`,
  );
}

function randomValues(bytes: Uint8Array<ArrayBuffer>): void {
  crypto.getRandomValues(bytes);
}
