/**
 * What the simulated processes do, and the invariants at every step and at the end.
 *
 * @module
 */

import type { WorldDescription } from "../../lib/emulator/world.ts";
import { type Exit, HOME, type Simulation, Violation } from "./simulation.ts";

/** One flow of the program, on a machine with other programs. */
export interface Scenario {
  readonly name: string;
  /** The processes and other programs that run at once; `processes` is how many of eac. */
  actors(simulation: Simulation, processes: number): (() => Promise<void>)[];
  /** Runs without faults after the actors have ended: what a user would do to recover. */
  recover?(simulation: Simulation): Promise<void>;
  /** Throws {@linkcode Violation} unless the outcome is right. */
  outcome?(simulation: Simulation): void;
}

const CONFIG = `${HOME}/.aws/config`;
const CREDENTIALS = `${HOME}/.aws/credentials`;
const OLD = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const SERIAL = "arn:aws:iam::123456789012:mfa/alice";
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

/** The secrets of the MFA devices, by the names that the command `code` knows. */
export const MFA_SECRETS = { alice: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" };

const ALICE = "arn:aws:iam::123456789012:user/alice";

/** The accounts of every scenario. */
export const WORLD: WorldDescription = {
  users: [{
    arn: ALICE,
    accessKeys: [{ ...OLD }],
    mfaDevices: [{ serial: SERIAL, secret: MFA_SECRETS.alice }],
  }],
  roles: [
    { arn: role("One"), trust: { principals: [ALICE] } },
    { arn: role("Mfa"), trust: { principals: [ALICE], mfa: true } },
  ],
  keyDelay: 3000,
};

/** Bytes of other programs: every one of them must survive. */
const FOREIGN_CREDENTIALS = `# mine\r\n[work]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\n` +
  `aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY   \n; the end\n\n`;
const FOREIGN_CONFIG = `# mine too\n[profile work]\nregion=eu-west-1  \n\n`;

/** Writes the files with which every scenario starts. */
export function prepare({ disk }: Simulation): void {
  disk.write("/usr/bin/code", "", 0o755);
  disk.write(
    CREDENTIALS,
    `${FOREIGN_CREDENTIALS}[alice]\naws_access_key_id = ${OLD.id}\n` +
      `aws_secret_access_key = ${OLD.secret}\n`,
  );
  disk.write(
    CONFIG,
    `${FOREIGN_CONFIG}[profile alice]\nregion = us-east-1\n` +
      `[profile one]\nrole_arn = ${role("One")}\nsource_profile = alice\n` +
      `destination_profile = one-temp\n` +
      `[profile mfa]\nrole_arn = ${role("Mfa")}\nsource_profile = alice\nmfa_serial = ${SERIAL}\n` +
      `destination_profile = mfa-temp\n`,
  );
}

/** What must hold at every step, whatever the scenario. */
export function checkStep(simulation: Simulation): void {
  checkCodes(simulation);
  checkForeignBytes(simulation);
  checkKeys(simulation);
}

/** What must hold once everything has ended, whatever the scenario. */
export function checkEnd(simulation: Simulation): void {
  checkStep(simulation);
  for (const exit of simulation.exits) checkCredentials(simulation, exit);
}

/** STS never receives the same code twice, unless eac reported that it could not record the code. */
function checkCodes({ emulator, errors }: Simulation): void {
  if (errors.includes("could not record that the code is used")) return;
  const seen = new Set<string>();
  for (const { parameters } of emulator.calls) {
    const { SerialNumber, TokenCode } = parameters;
    if (TokenCode === undefined) continue;
    const sent = `${SerialNumber} ${TokenCode}`;
    if (seen.has(sent)) throw new Violation(`a code is sent twice: ${TokenCode}`);
    seen.add(sent);
  }
}

/** Simulations in which a file is being written in place: its bytes are checked when it is complete. */
const writing = new WeakSet<Simulation>();

/** Simulations in which the clock jumped during such a write, so the age of the file was unknown. */
const jumpedWhileWriting = new WeakSet<Simulation>();

function checkForeignBytes(simulation: Simulation): void {
  if (writing.has(simulation)) return;
  const { disk } = simulation;
  for (
    const [file, foreign] of [[CREDENTIALS, FOREIGN_CREDENTIALS], [CONFIG, FOREIGN_CONFIG]] as const
  ) {
    if (disk.text(file)?.startsWith(foreign)) continue;
    throw new Violation(`foreign bytes of ${file} changed: ${JSON.stringify(disk.text(file))}`);
  }
}

/** Some active key of the user is on the disk, with its secret. */
function checkKeys(simulation: Simulation): void {
  if (writing.has(simulation)) return;
  const { disk, emulator } = simulation;
  const texts = [...disk.files.keys()].map((path) => disk.text(path)!);
  const found = emulator.world.users[0]!.accessKeys.some(({ id, secret, active }) =>
    active !== false && texts.some((text) => text.includes(id) && text.includes(secret))
  );
  if (!found) throw new Violation("no active key of the user is on the disk");
}

/** What a process prints is what STS issued. */
function checkCredentials({ emulator }: Simulation, { argv, code, stdout }: Exit): void {
  if (argv[0] !== "process" || code !== 0) return;
  const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(stdout);
  const issued = emulator.world.sessions.some(({ id, secret, token }) =>
    id === AccessKeyId && secret === SecretAccessKey && token === SessionToken
  );
  if (!issued) throw new Violation(`eac ${argv.join(" ")} printed what STS did not issue`);
}

/** After a run that writes, no temp file with secrets is left next to the file. */
function checkTempFiles({ disk }: Simulation, folder: RegExp): void {
  const left = [...disk.files.keys()].filter((path) => folder.test(path) && path.endsWith(".tmp"));
  if (left.length > 0) throw new Violation(`a temp file is left: ${left.join(", ")}`);
}

/** Without a fault, of several processes that want the same credentials one calls STS. */
function checkSingleCall(simulation: Simulation, action: string): void {
  const calls = simulation.emulator.calls.filter((call) => call.action === action).length;
  if (simulation.faults === 0 && calls > 1) throw new Violation(`${calls} calls of ${action}`);
}

function succeeds(exit: Exit): void {
  if (exit.code === 0) return;
  throw new Violation(`eac ${exit.argv.join(" ")} fails without a fault: ${exit.stderr}`);
}

/** A program that writes a file in place and does not use eac's locks. */
async function editInPlace(simulation: Simulation, keep: (bytes: Uint8Array) => Uint8Array) {
  const { disk } = simulation;
  let full: Uint8Array = new Uint8Array();
  const inode = await simulation.step("an editor truncates credentials", () => {
    const open = disk.files.get(CREDENTIALS)!;
    full = open.bytes;
    open.bytes = keep(full);
    open.mtime = disk.now();
    writing.add(simulation);
    return open;
  });
  const { clockJumps } = simulation;
  await simulation.step("the editor has written credentials", () => {
    inode.bytes = Uint8Array.from([...full, ...new TextEncoder().encode("# edited\n")]);
    inode.mtime = disk.now();
    writing.delete(simulation);
    if (simulation.clockJumps > clockJumps) jumpedWhileWriting.add(simulation);
  });
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/**
 * Another program restores the old credentials file while its key is being rotated. It does so only where
 * eac can still notice: eac cannot check a file and change a key at AWS in one atomic step.
 *
 * @param evenLate whether the old key may be deleted already: eac checks the file again after that call
 */
function restoreOldFile({ disk, emulator }: Simulation, old: Uint8Array, evenLate: boolean): void {
  const isRotating = [...disk.files.keys()].some((path) =>
    /\/rotate\/[^/]+\.json$/.test(path) && disk.text(path)!.includes(OLD.id)
  );
  const oldExists = emulator.world.users[0]!.accessKeys.some(({ id }) => id === OLD.id);
  if (isRotating && (oldExists || evenLate)) disk.write(CREDENTIALS, old);
}

function rotateTwice(simulation: Simulation, processes: number): (() => Promise<void>)[] {
  const old = simulation.disk.read(CREDENTIALS)!;
  simulation.foreignWrite = () => restoreOldFile(simulation, old, false);
  return [
    ...times(processes, () => async () => {
      await simulation.eac(["rotate", "alice"]);
      await simulation.eac(["rotate", "alice"]);
    }),
    async () => {
      await simulation.step("another program restores credentials", () => {
        restoreOldFile(simulation, old, true);
      });
    },
  ];
}

async function rotateUntilDone(simulation: Simulation): Promise<void> {
  let exit: Exit | undefined;
  for (let attempt = 0; attempt < 4 && exit?.code !== 0; attempt++) {
    exit = await simulation.eac(["rotate", "alice", ...(attempt > 1 ? ["--force"] : [])]);
  }
  succeeds(exit!);
}

function checkRotated({ disk, emulator }: Simulation): void {
  const { accessKeys } = emulator.world.users[0]!;
  const [key] = accessKeys;
  const text = disk.text(CREDENTIALS)!;
  if (accessKeys.length === 1 && key!.active !== false && text.includes(key!.secret)) return;
  throw new Violation(`the rotated key is not the one in the file: ${JSON.stringify(accessKeys)}`);
}

/** All scenarios. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "get",
    actors: (simulation, processes) =>
      times(processes, (index) => async () => {
        const argv = index % 2 === 0 ? ["get", "one"] : ["process", "one"];
        await simulation.eac(argv);
      }),
    async recover(simulation) {
      succeeds(await simulation.eac(["get", "one"]));
    },
    outcome(simulation) {
      checkSingleCall(simulation, "AssumeRole");
      checkTempFiles(simulation, /\.aws\/[^/]+$/);
      const { disk, emulator } = simulation;
      const stored = disk.text(CREDENTIALS)!;
      const issued = emulator.world.sessions.some(({ id, secret, token }) =>
        [id, secret, token].every((part) => stored.includes(part))
      );
      if (!issued) throw new Violation("the stored credentials are not what STS issued");
    },
  },
  {
    name: "mfa",
    actors: (simulation, processes) =>
      times(processes, () => async () => {
        await simulation.eac(["process", "mfa"], { EAC_MFA_PROCESS: "code alice" });
      }),
    async recover(simulation) {
      await simulation.eac(["process", "mfa"], { EAC_MFA_PROCESS: "code alice" });
    },
    outcome: (simulation) => checkSingleCall(simulation, "GetSessionToken"),
  },
  {
    name: "mfa-token",
    actors: (simulation, processes) =>
      times(processes, () => async () => {
        const code = await simulation.program.totp(MFA_SECRETS.alice, simulation.started);
        await simulation.eac(["process", "mfa"], { EAC_MFA_TOKEN: code });
      }),
  },
  { name: "rotate", actors: rotateTwice, recover: rotateUntilDone, outcome: checkRotated },
  {
    name: "rotate-leftovers",
    actors: rotateTwice,
    recover: rotateUntilDone,
    outcome: (simulation) => checkTempFiles(simulation, /\.aws\/[^/]+$|\/rotate\//),
  },
  {
    name: "link-clear",
    actors: (simulation, processes) =>
      times(processes, (index) => async () => {
        const lines = [["get", "one"], ["clear", "--all"], ["link", "one", "one-auto"]];
        await simulation.eac(lines[index % lines.length]!);
      }),
    async recover(simulation) {
      succeeds(await simulation.eac(["clear", "--all"]));
    },
    outcome(simulation) {
      checkTempFiles(simulation, /credentials|\/cache\/|\/rotate\//);
      const text = simulation.disk.text(CREDENTIALS)!;
      if (text.includes("ASIA")) throw new Violation("clear --all left stored credentials");
    },
  },
  {
    name: "editor",
    actors: (simulation, processes) => [
      ...times(processes - 1, () => async () => {
        await simulation.eac(["get", "one"]);
      }),
      () => editInPlace(simulation, () => new Uint8Array()),
    ],
    outcome: checkEdited,
  },
  {
    name: "editor-half",
    actors: (simulation, processes) => [
      ...times(processes - 1, () => async () => {
        await simulation.eac(["get", "one"]);
      }),
      () => editInPlace(simulation, (bytes) => bytes.slice(0, bytes.length / 2)),
    ],
    outcome: checkEdited,
  },
];

/**
 * The editor's bytes survive. A run that starts on a half-written file recognizes it by its age alone,
 * so nothing is promised where the clock jumps at that moment.
 */
function checkEdited(simulation: Simulation): void {
  const { disk } = simulation;
  if (jumpedWhileWriting.has(simulation)) return;
  const text = disk.text(CREDENTIALS)!;
  if (text.startsWith(FOREIGN_CREDENTIALS) && text.includes("# edited\n")) return;
  throw new Violation(`the editor's bytes are lost: ${JSON.stringify(text)}`);
}
