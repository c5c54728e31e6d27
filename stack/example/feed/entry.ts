/** Where an entry comes from: a function's answer, Stripe, its webhooks, Realtime, or a row of the database. */
export type Lane = "http" | "stripe" | "webhook" | "realtime" | "row";

/** One thing that happened to a session. */
export interface FeedEntry {
  readonly at: Date;
  readonly lane: Lane;
  /** The function, the table or the object that it is about. */
  readonly from: string;
  readonly what: string;
  /** What it follows from, where its own clock is another's. */
  readonly after?: Date | undefined;
}
