import { expect, it } from "vitest";
import type { ErrorCode } from "../../../../shared/contract/error-table.ts";
import { type Refusal, refused, refusedOrLimited } from "../../../../shared/database/refused.ts";
import { recordedLog } from "../support/recorded-database.ts";

it.each<[Refusal["outcome"], ErrorCode]>([
  ["unauthorized", "session_token_invalid"],
  ["forbidden", "operation_not_allowed"],
  ["not_found", "session_not_found"],
  ["closed", "session_closed"],
  ["expired", "session_expired"],
  ["already_subscribed", "already_subscribed"],
])("the database's word %s is told as %s", (outcome, code) => {
  expect(refused({ outcome })).toMatchObject({ code, details: undefined, retryAfter: undefined });
});

it("a word means what the one who asks says, and any other what it always means", () => {
  const own = { unauthorized: "api_key_invalid" } as const;
  expect(refused({ outcome: "unauthorized" }, own).code).toBe("api_key_invalid");
  expect(refused({ outcome: "forbidden" }, own).code).toBe("operation_not_allowed");
});

it("details are told as the database gave them", () => {
  const details = { minimum: 1, maximum: 5 };
  expect(refused({ outcome: "quantity_not_allowed", details }).details).toEqual(details);
});

it("who asks too often is told when to come again, and an operator sees who it was", () => {
  const { log, lines } = recordedLog();
  const limited = { outcome: "rate_limited", retryAfter: 7 } as const;
  expect(refusedOrLimited(limited, log, { sessionId: "one" }))
    .toMatchObject({ code: "rate_limited", retryAfter: 7 });
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { level: "warn", message: "rate limited", sessionId: "one", retryAfter: 7 },
  ]);
  refusedOrLimited({ outcome: "forbidden" }, log);
  expect(lines).toHaveLength(1);
});
