import type { Figure } from "../figure.ts";
import { chaos } from "./chaos.ts";
import { checkouts } from "./checkouts.ts";
import { coldStart } from "./cold-start.ts";
import { createAndConfirm } from "./create-and-confirm.ts";
import { database } from "./database.ts";
import { footprint } from "./footprint.ts";
import { growth } from "./growth.ts";
import { intake } from "./intake.ts";
import { realtime } from "./realtime.ts";
import { renewals } from "./renewals.ts";
import { status } from "./status.ts";

/** In the order in which they are measured. */
export const figures: readonly Figure[] = [
  status,
  database,
  coldStart,
  createAndConfirm,
  footprint,
  intake,
  realtime,
  checkouts,
  renewals,
  growth,
  chaos,
];
