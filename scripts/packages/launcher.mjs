#!/usr/bin/env node
/**
 * The `eac` of the npm package: starts the program of this platform, which is in a separate npm
 * package. Arguments, terminal, signals and exit code are the program's.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { isatty } from "node:tty";

/** The platforms with a program: `process.platform` and `process.arch`. */
const PLATFORMS = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64",
  "linux-x64",
  "win32-arm64",
  "win32-x64",
];

/** The dynamic loaders of glibc, which the programs for Linux name as their interpreter. */
const LOADERS = {
  "linux-arm64": "/lib/ld-linux-aarch64.so.1",
  "linux-x64": "/lib64/ld-linux-x86-64.so.2",
};

const platform = `${process.platform}-${process.arch}`;

/** Exits as shells do for a command that cannot be started. */
function fail(message, hint) {
  process.stderr.write(`error: ${message}\nhint: ${hint}\n`);
  process.exit(126);
}

function findProgram() {
  if (!PLATFORMS.includes(platform)) {
    fail(
      `eac does not support ${process.platform} on ${process.arch}`,
      "it runs on Linux with glibc, macOS and Windows, on x64 and arm64",
    );
  }
  // npm omits the package of a Linux without glibc, so this comes before looking for it.
  const loader = LOADERS[platform];
  if (loader && !existsSync(loader)) {
    fail(
      `eac needs glibc, and this system has no ${loader}: it may have musl instead, as Alpine does`,
      "in a container, use an image with glibc, such as node:slim instead of node:alpine",
    );
  }
  const file = process.platform === "win32" ? "eac.exe" : "eac";
  try {
    return createRequire(import.meta.url).resolve(`@eac-cli/${platform}/${file}`);
  } catch {
    fail(
      `the npm package @eac-cli/${platform}, with the program for this platform, is not installed`,
      "run on this machine: npm install --include=optional eac-cli",
    );
  }
}

function failToStart(program, error) {
  fail(`cannot start ${program}: ${error.message}`, "install eac-cli again");
}

/** Replaces this process with the program. */
function replace(program, args) {
  try {
    // A failure of execve would abort Node.js with a stack trace.
    accessSync(program, constants.X_OK);
  } catch (error) {
    failToStart(program, error);
  }
  process.execve(program, [program, ...args], process.env);
}

/** Runs the program as a child: on Windows, and in Node.js before 22.15. */
function run(program, args) {
  // A terminal sends Ctrl-C to the program as well; the launcher only has to outlive it.
  const terminal = [0, 1, 2].some((stream) => isatty(stream));
  for (const signal of ["SIGINT", "SIGQUIT"]) {
    process.on(signal, () => terminal || child.kill(signal));
  }
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  const child = spawn(program, args, { stdio: "inherit" });
  child.on("error", (error) => failToStart(program, error));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

const program = findProgram();
const args = process.argv.slice(2);
if (process.platform === "win32" || process.execve === undefined) run(program, args);
else replace(program, args);
