import * as z from "zod";
import { readProjectFile } from "../../source/project-files.ts";

/** Where what was recorded is kept. */
export const RECORDED = "scripts/docs/openapi/recorded.json";

const exchange = z.object({
  /** An operation's id. */
  operation: z.string(),
  /** What the example is called. */
  name: z.string(),
  request: z.unknown().optional(),
  status: z.number().int(),
  answer: z.unknown(),
});
export type RecordedExchange = z.infer<typeof exchange>;

/** Calls of a run and their answers, with ids and secrets that are nobody's. */
export type Recorded = readonly RecordedExchange[];

export const readRecorded = (): Recorded =>
  z.array(exchange).parse(JSON.parse(readProjectFile(RECORDED)));
