/**
 * The accounts for tests of whole runs: a user with an MFA device, and roles with various trust
 * policies.
 *
 * @module
 */

import type { WorldDescription } from "../../lib/emulator/world.ts";

/** The MFA device of alice and its secret. */
export const DEVICE = {
  serial: "arn:aws:iam::123456789012:mfa/alice",
  secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
};

/** The devices of all users, by their owner. */
export const DEVICES = {
  alice: DEVICE,
  bob: {
    serial: "arn:aws:iam::123456789012:mfa/bob",
    secret: "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK",
  },
};

const BOB = "arn:aws:iam::123456789012:user/bob";
const ALICE = "arn:aws:iam::123456789012:user/alice";
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

/** AWS's documented example account and key. */
export const WORLD: WorldDescription = {
  users: [
    {
      arn: ALICE,
      accessKeys: [
        { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
        {
          id: "AKIAI44QH8DHBEXAMPLE",
          secret: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
          active: false,
        },
      ],
      mfaDevices: [DEVICE],
    },
    {
      arn: BOB,
      accessKeys: [
        { id: "AKIA111111111EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY" },
      ],
      mfaDevices: [DEVICES.bob],
    },
  ],
  roles: [
    { arn: role("Open"), trust: { principals: [ALICE] }, maxSessionDuration: 43_200 },
    { arn: role("Short"), trust: { principals: [ALICE] } },
    { arn: role("Mfa"), trust: { principals: [ALICE], mfa: true }, maxSessionDuration: 43_200 },
    { arn: role("Mfa2"), trust: { principals: [ALICE], mfa: true } },
    { arn: role("Direct"), trust: { principals: [ALICE], mfa: "direct" } },
    { arn: role("External"), trust: { principals: [ALICE], externalId: "partner-7" } },
    { arn: role("Chained"), trust: { principals: [role("Open"), role("Mfa")] } },
    { arn: role("Closed"), trust: { principals: [BOB], mfa: true } },
  ],
  disabledRegions: ["af-south-1"],
};
