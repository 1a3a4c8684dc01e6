/**
 * The action's post step, which runs at the end of the job in any case: removes the folders that
 * hold credentials. Environment variables end with the job.
 *
 * @module
 */

import { rmSync } from "node:fs";
import process from "node:process";

for (const folder of [process.env.STATE_keys, process.env.STATE_profiles]) {
  if (!folder) continue;
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`removed ${folder}\n`);
}
