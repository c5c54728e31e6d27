import type { Entry } from "../../../examples/payment-sheet/src/panel/feed.ts";

/** One thing that happened to a session, before it is told. */
export interface FeedEntry extends Omit<Entry, "at"> {
  readonly at: Date;
  /** What it follows from, where its own clock is another's. */
  readonly after?: Date | undefined;
}
