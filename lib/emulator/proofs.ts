/**
 * What identity providers issue, for tests: a SAML response and an ID token that this emulator accepts. Their
 * signatures are made up.
 *
 * @module
 */

const ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/";

/** The content of a SAML response. */
export interface SamlClaims {
  /** `ROLE_ARN,PROVIDER_ARN` of each role that the user may choose. */
  readonly roles: readonly string[];
  /** Milliseconds since 1970. */
  readonly notOnOrAfter: number;
  readonly user?: string | undefined;
  readonly audience?: string | undefined;
  /** Seconds. */
  readonly sessionDuration?: number | undefined;
}

/** A SAML response in base64, as an identity provider posts it to AWS. */
export function createSamlResponse(
  {
    roles,
    notOnOrAfter,
    user = "alice",
    audience = "https://signin.aws.amazon.com/saml",
    sessionDuration,
  }: SamlClaims,
): string {
  const until = new Date(notOnOrAfter).toISOString();
  const attribute = (name: string, values: readonly string[]) =>
    values.length === 0 ? "" : `<saml2:Attribute Name="${ATTRIBUTE}${name}">` +
      values.map((value) => `<saml2:AttributeValue>${escaped(value)}</saml2:AttributeValue>`)
        .join("") +
      "</saml2:Attribute>";
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" Version="2.0">
<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0">
<saml2:Issuer>https://idp.example.com</saml2:Issuer>
<saml2:Subject><saml2:NameID>${escaped(user)}</saml2:NameID>
<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<saml2:SubjectConfirmationData NotOnOrAfter="${until}" Recipient="https://signin.aws.amazon.com/saml"/>
</saml2:SubjectConfirmation></saml2:Subject>
<saml2:Conditions NotOnOrAfter="${until}"><saml2:AudienceRestriction>
<saml2:Audience>${escaped(audience)}</saml2:Audience>
</saml2:AudienceRestriction></saml2:Conditions>
<saml2:AttributeStatement>
${attribute("Role", roles)}
${attribute("RoleSessionName", [user])}
${attribute("SessionDuration", sessionDuration === undefined ? [] : [String(sessionDuration)])}
</saml2:AttributeStatement>
</saml2:Assertion></saml2p:Response>
`;
  return base64(xml);
}

/** The claims of an ID token; `exp` is in seconds. */
export interface IdClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
}

/** An ID token of OpenID Connect, a JWT. */
export function createIdToken(claims: Partial<IdClaims>): string {
  const parts = [{ alg: "RS256", typ: "JWT", kid: "1" }, claims].map((part) =>
    JSON.stringify(part)
  );
  return [...parts, "signature"].map((part) =>
    base64(part).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
  ).join(".");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function base64(text: string): string {
  return btoa(
    Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""),
  );
}
