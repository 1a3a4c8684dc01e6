// @ts-check
/**
 * Uses a company's sign-in page without a browser: forms, cookies, redirects.
 *
 * @module
 */

/** The requests of one sign-in. They share cookies, as in a browser. */
export class SignInPage {
  /** @type {Map<string, string>} */
  #cookies = new Map();
  #fetch;
  #url;

  /**
   * @param {(url: string | URL, init?: RequestInit) => Promise<Response>} fetch
   * @param {string} url The page's URL
   * @param {string} [cookies] The cookies of an earlier sign-in
   */
  constructor(fetch, url, cookies = "") {
    this.#fetch = fetch;
    this.#url = new URL(url);
    for (const cookie of cookies.split("; ").filter(Boolean)) this.#keep(cookie);
  }

  /** The cookies, as the header has them. */
  get cookies() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /**
   * Loads a page and returns its HTML.
   *
   * @param {string} path
   */
  load(path) {
    return this.#send("GET", new URL(path, this.#url), null);
  }

  /**
   * Fills in the form of a page, with the hidden fields that it has, and returns the next page.
   *
   * @param {string} html
   * @param {Record<string, string>} values
   */
  submit(html, values) {
    const action = attribute(/<form\b[^>]*>/i.exec(html)?.[0] ?? "", "action") ?? "";
    const body = new URLSearchParams({ ...hiddenFields(html), ...values });
    return this.#send("POST", new URL(action, this.#url), body);
  }

  /**
   * `fetch` keeps no cookies, and would lose those of a redirect, so each step is a separate request.
   *
   * @param {string} method
   * @param {URL} url
   * @param {URLSearchParams | null} body
   * @returns {Promise<string>}
   */
  async #send(method, url, body) {
    for (let redirects = 0; redirects < 10; redirects++) {
      // Cookies and the password go to the identity provider only.
      if (url.origin !== this.#url.origin) throw new Error(`the page leads to ${url.origin}`);
      const headers = { cookie: this.cookies };
      const answer = await this.#fetch(url, { method, headers, body, redirect: "manual" });
      for (const cookie of answer.headers.getSetCookie()) this.#keep(cookie.split(";")[0] ?? "");
      this.#url = url;
      const text = await answer.text();
      const location = answer.headers.get("location");
      if (answer.status >= 300 && answer.status < 400 && location !== null) {
        [method, url, body] = ["GET", new URL(location, url), null];
        continue;
      }
      if (answer.ok) return text;
      const code = answer.status === 401 || answer.status === 403 ? "access_denied" : "service";
      throw Object.assign(new Error(`${url.pathname} answered ${answer.status}`), { code });
    }
    throw new Error("the page redirects endlessly");
  }

  /** @param {string} cookie */
  #keep(cookie) {
    const [name = "", ...value] = cookie.split("=");
    this.#cookies.set(name.trim(), value.join("="));
  }
}

/**
 * Whether the page has a field of this name.
 *
 * @param {string} html
 * @param {string} name
 */
export function hasField(html, name) {
  return inputs(html).some((input) => attribute(input, "name") === name);
}

/**
 * The hidden fields of a page, such as a CSRF token or `SAMLResponse`.
 *
 * @param {string} html
 */
export function hiddenFields(html) {
  /** @type {Record<string, string>} */
  const fields = {};
  for (const input of inputs(html)) {
    const name = attribute(input, "name");
    if (name === undefined || attribute(input, "type")?.toLowerCase() !== "hidden") continue;
    fields[name] = attribute(input, "value") ?? "";
  }
  return fields;
}

/** @param {string} html */
function inputs(html) {
  return html.match(/<input\b[^>]*>/gi) ?? [];
}

/**
 * @param {string} tag
 * @param {string} name
 */
function attribute(tag, name) {
  const value = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "i").exec(tag);
  return value === null ? undefined : unescape(value[1] ?? value[2] ?? "");
}

/**
 * Replaces the character references that servers write into attributes: `&amp;`, `&#x2b;`, `&#43;`.
 *
 * @param {string} text
 */
function unescape(text) {
  /** @type {Record<string, string>} */
  const named = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (all, hex, decimal, name) => {
    if (name !== undefined) return named[name] ?? all;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16));
  });
}
