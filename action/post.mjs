/**
 * The action's post step, which runs at the end of the job in any case: removes the folder that holds
 * credentials. Environment variables end with the job.
 *
 * @module
 */

import { rmSync } from "node:fs";
import process from "node:process";

const folder = process.env.STATE_folder;
if (folder) {
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write("removed the credentials of this job\n");
}
