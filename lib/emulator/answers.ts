/**
 * The XML responses of AWS's query services, and their errors.
 *
 * @module
 */

/** The content of a response: text, a list (of `member`s), or elements by name. */
export type Xml = string | readonly Xml[] | { readonly [name: string]: Xml | undefined };

/** The emulated services. */
export type Service = "sts" | "iam";

const NAMESPACES: Readonly<Record<Service, string>> = {
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
  iam: "https://iam.amazonaws.com/doc/2010-05-08/",
};

/** An error response of AWS. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** `AccessDenied`. */
export function accessDenied(message: string): Refusal {
  return new Refusal(403, "AccessDenied", message);
}

/** `InvalidClientTokenId`: an unknown or inactive key, or the wrong token for the key. */
export function invalidClientToken(): Refusal {
  return new Refusal(
    403,
    "InvalidClientTokenId",
    "The security token included in the request is invalid.",
  );
}

/** The response to a successful action, with its result if it has one. */
export function answer(
  service: Service,
  action: string,
  result: Xml | undefined,
  requestId: string,
): Response {
  const content = {
    [`${action}Result`]: result,
    ResponseMetadata: { RequestId: requestId },
  };
  return xmlResponse(200, service, `${action}Response`, content, requestId);
}

/** The response to a refused action. */
export function refuse(service: Service, refusal: Refusal, requestId: string): Response {
  const error = {
    Type: refusal.status < 500 ? "Sender" : "Receiver",
    Code: refusal.code,
    Message: refusal.message,
  };
  const content = { Error: error, RequestId: requestId };
  return xmlResponse(refusal.status, service, "ErrorResponse", content, requestId);
}

function xmlResponse(
  status: number,
  service: Service,
  name: string,
  content: Xml,
  requestId: string,
): Response {
  const body = `<${name} xmlns="${NAMESPACES[service]}">${write(content)}</${name}>\n`;
  const headers = { "content-type": "text/xml", "x-amzn-requestid": requestId };
  return new Response(body, { status, headers });
}

function write(xml: Xml): string {
  if (typeof xml === "string") return escape(xml);
  const elements: readonly (readonly [string, Xml | undefined])[] = isList(xml)
    ? xml.map((item) => ["member", item])
    : Object.entries(xml);
  return elements
    .map(([name, value]) => value === undefined ? "" : `<${name}>${write(value)}</${name}>`)
    .join("");
}

function isList(xml: Xml): xml is readonly Xml[] {
  return Array.isArray(xml);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
