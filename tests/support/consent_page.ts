/**
 * The consent page of an authorization server, and a user who clicks on it.
 *
 * @module
 */

/** The user's answer. */
export type Consent = "allow" | "deny";

/** A page whose links lead to /answer, with the query and the user's answer. */
export function consentPage(query: URLSearchParams): Response {
  const link = (consent: Consent) => {
    const answer = new URLSearchParams([...query, ["consent", consent]]);
    return `<a href="/answer?${
      `${answer}`.replaceAll("&", "&amp;")
    }" id="${consent}">${consent}</a>`;
  };
  const html = `<!doctype html><title>Sign in</title>${link("allow")} ${link("deny")}`;
  return new Response(html, { headers: { "content-type": "text/html" } });
}

/** Where the browser is redirected: with a code, or with the error of a refusal. */
export function answerOf(query: URLSearchParams, newCode: () => string): Response {
  const target = new URL(query.get("redirect_uri")!);
  if (query.get("consent") === "allow") target.searchParams.set("code", newCode());
  else target.searchParams.set("error", "access_denied");
  target.searchParams.set("state", query.get("state")!);
  return new Response(null, { status: 302, headers: { location: target.href } });
}

/** Opens the page and clicks; returns the URL to which the browser is redirected. */
export async function click(url: string, consent: Consent): Promise<string> {
  const html = await (await fetch(url)).text();
  const link = new RegExp(`href="([^"]+)" id="${consent}"`).exec(html)?.[1];
  if (link === undefined) throw new Error(`there is no button: ${html}`);
  const answer = await fetch(new URL(link.replaceAll("&amp;", "&"), url), { redirect: "manual" });
  await answer.body?.cancel();
  return answer.headers.get("location")!;
}

/** Base64url without padding. */
export function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The S256 challenge of a verifier. */
export async function challengeOf(verifier: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(String(verifier));
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
