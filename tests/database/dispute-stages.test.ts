import { expect, it } from "vitest";
import { disputeStage } from "../../shared/domain/disputes.ts";
import { openDatabase } from "./support.ts";

const database = await openDatabase();
const owner = await database.owner();

it("a dispute means for the money in the database what it means in the domain, one of no known status too", async () => {
  const statuses = [
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "needs_response",
    "under_review",
    "appeal_needs_response",
    "appeal_under_review",
    "won",
    "lost",
    "prevented",
    "arbitrated_in_2031",
  ];
  const rows = await owner.rows<{ stage: string }>(
    "select billing_private.dispute_stage(status) as stage from unnest($1::text[]) status",
    [statuses],
  );
  expect(rows.map(({ stage }) => stage)).toEqual(statuses.map(disputeStage));
});
