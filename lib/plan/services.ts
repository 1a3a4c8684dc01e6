/**
 * The services that eac provides to a running custom strategy.
 *
 * @module
 */

import type { Credentials, ExpiringCredentials, Secret } from "./credentials.ts";
import type { AssumeRoleStep, GetSessionTokenStep } from "./step.ts";

/** An STS call that a strategy requests. */
export type ServiceCall = AssumeRoleStep | GetSessionTokenStep;

/** AssumeRoleWithSAML, which a strategy asks for: it needs no credentials. */
export interface SamlCall {
  readonly call: "AssumeRoleWithSAML";
  readonly roleArn: string;
  /** The SAML provider in IAM. */
  readonly principalArn: string;
  /** Base64, as the identity provider posts it. */
  readonly assertion: Secret;
  readonly durationSeconds?: number | undefined;
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
}

/** AssumeRoleWithWebIdentity, which a strategy asks for: it needs no credentials. */
export interface WebIdentityCall {
  readonly call: "AssumeRoleWithWebIdentity";
  readonly roleArn: string;
  /** If absent, a name is generated when the call is sent. */
  readonly sessionName?: string | undefined;
  /** A JWT. */
  readonly token: Secret;
  readonly durationSeconds?: number | undefined;
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
}

/** A call of STS with the proof of an identity provider in place of credentials. */
export type FederatedCall = SamlCall | WebIdentityCall;

/** Each throws {@linkcode EacError} like the steps of built-in strategies. */
export interface Services {
  /**
   * Calls STS; if the step names an MFA device, with the given code, else with the device's next
   * one.
   */
  call(step: ServiceCall, credentials: Credentials, code?: string): Promise<ExpiringCredentials>;
  /** Calls STS with a SAML assertion or a web identity token. */
  federate(call: FederatedCall): Promise<ExpiringCredentials>;
  /** The device's next code. It counts as used once the strategy has succeeded. */
  code(serial: string): Promise<string>;
  /** A line that the user types; echoed unless it is secret. */
  ask(question: string, secret: boolean): Promise<string>;
  /** The index of the option that the user chooses by its number. */
  choose(question: string, options: readonly string[]): Promise<number>;
  /** Opens a URL in the browser, or shows it to the user; true if a browser opened it. */
  open(url: string): Promise<boolean>;
  /** The region in which eac calls STS. */
  readonly region: string;
  /** The URL at which eac calls STS. */
  readonly stsEndpoint: string;
  /** A file of certificates to trust in addition to the system's. */
  readonly caBundle?: string | undefined;
  /** Why the user cannot be asked; `undefined` if they can. */
  unaskable(): string | undefined;
  /** Prints what a strategy writes to stderr. It must not contain secrets. */
  say(text: string): void;
  /** Shows a line on the terminal; on stderr if there is none. It must not contain secrets. */
  show(text: string): void;
}
