/**
 * Holds a file for some time, while the thread that asked for it waits for the file.
 *
 * @module
 */

import { holdFile } from "./held_file.ts";

const worker = self as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(message: string): void;
};

worker.onmessage = ({ data: { path, sharing, milliseconds } }) => {
  const held = holdFile(path, sharing);
  worker.postMessage("held");
  setTimeout(() => {
    held[Symbol.dispose]();
    worker.postMessage("released");
  }, milliseconds);
};
