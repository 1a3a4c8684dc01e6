/**
 * All properties, in the order in which they run.
 *
 * @module
 */

import { answerProperties } from "./answers.ts";
import { argumentProperties } from "./arguments.ts";
import { cacheProperties } from "./caches.ts";
import { configProperties } from "./configs.ts";
import { documentProperties } from "./documents.ts";
import type { Property } from "./property.ts";
import { readerProperties } from "./readers.ts";
import { sectionProperties } from "./sections.ts";

/** What holds for any input. */
export const PROPERTIES: readonly Property[] = [
  ...documentProperties,
  ...readerProperties,
  ...sectionProperties,
  ...configProperties,
  ...argumentProperties,
  ...answerProperties,
  ...cacheProperties,
];
