/**
 * Secrets in text that a server or a program sends back.
 *
 * @module
 */

/** What is shown instead of a secret. */
const MASK = "***";

/** A secret of at least this length is masked anywhere; a match is never a coincidence. */
const UNMISTAKABLE = 8;

/**
 * Masks the secrets in a text, plain or encoded for a URL or for XML, whatever is next to them.
 * A short one, such as the six digits of an MFA code, is masked only as a whole word: the same
 * digits may be part of an account ID.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // The longest first: one may be part of another.
  const forms = new Set(secrets.flatMap(formsOf).sort((a, b) => b.length - a.length));
  for (const form of forms) {
    if (form.length >= UNMISTAKABLE) text = text.replaceAll(form, MASK);
    else if (form !== "") text = text.replace(standingAlone(form), MASK);
  }
  return text;
}

function formsOf(secret: string): string[] {
  const url = encodeURIComponent(secret);
  const xml = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&apos;");
  return [secret, url, url.replace(/%../g, (code) => code.toLowerCase()), xml];
}

function standingAlone(secret: string): RegExp {
  const literal = secret.replace(/[^A-Za-z0-9]/g, "\\$&");
  const neighbor = /^\d+$/.test(secret) ? "\\d" : "\\w";
  return new RegExp(`(?<!${neighbor})${literal}(?!${neighbor})`, "g");
}
