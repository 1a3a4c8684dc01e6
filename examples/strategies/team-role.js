// A company's naming scheme: account and team determine the role. It only declares STS calls, so eac
// explains and caches them, and asks for MFA codes, as for its own strategies.

/** @type {import("eac/strategy").Strategy} */
export default {
  api: 1,
  name: "team-role",
  summary: "assumes the role of a team, by the company's naming scheme",
  needs: [["account", "team", "source_profile"]],
  reads: ["mfa_serial"],
  steps: ({ account, team, mfa_serial }) => [
    { call: "AssumeRole", roleArn: `arn:aws:iam::${account}:role/${team}`, mfaSerial: mfa_serial },
  ],
};
