import type { Figure } from "../figure.ts";
import { coldStart } from "./cold-start.ts";
import { status } from "./status.ts";

/** In the order in which they are measured. */
export const figures: readonly Figure[] = [status, coldStart];
