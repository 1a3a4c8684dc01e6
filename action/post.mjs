/**
 * The action's last step, at the end of the job whatever became of it: removes the files that hold
 * credentials. What was set in the environment ends with the job by itself.
 *
 * @module
 */

import { rmSync } from "node:fs";
import process from "node:process";

const folder = process.env.STATE_folder;
if (folder) {
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write("the credentials file of this job is gone\n");
}
