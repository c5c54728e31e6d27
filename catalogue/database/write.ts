import type { Client } from "pg";
import type { Catalogue } from "../define.ts";
import type { Changes, Step } from "../plan/step.ts";
import type { DatabaseState } from "../state.ts";
import { type StripeIds, Writer } from "./writer.ts";

/**
 * Does the steps of a plan that are the database's, in the caller's transaction, in their order: what others refer to is there
 * before them.
 */
export async function writeDatabase(
  client: Client,
  catalogue: Catalogue,
  state: DatabaseState,
  steps: readonly Step[],
  stripeIds: StripeIds,
  livemode: boolean,
): Promise<void> {
  const writer = new Writer(client, catalogue, state, stripeIds);
  await writer.endDiscounts(steps.flatMap(codeReleased));
  for (const step of steps) {
    if (step.on !== "database") continue;
    switch (step.what) {
      case "organization":
        await writer.organization(livemode);
        break;
      case "feature":
        await writer.feature(step.key);
        break;
      case "product":
        if (step.act === "archive") await writer.archive("products", step.id);
        else if (step.act === "create") await writer.product(step.key);
        else await writer.product(step.key, step.id, setsStripesWord(step.changes));
        break;
      case "price":
        if (step.act === "archive") await writer.archive("product_prices", step.id);
        else if (step.act === "update") {
          await writer.price(step.key, step.id, setsStripesWord(step.changes));
        } else {
          if (step.act === "replace") await writer.releaseKey(step.id);
          await writer.price(step.key);
        }
        break;
      case "discount":
        if (step.act !== "archive") {
          await writer.discount(step.key, step.act === "create" ? undefined : step.id);
        }
        break;
    }
  }
}

/** Whether Stripe was told to sell it, or sells it under another id: otherwise what it has said meanwhile stands. */
const setsStripesWord = (changes: Changes): boolean =>
  "stripeActive" in changes || "stripeId" in changes;

/** The row of a discount that gives up its code: to end, or, for the moment, to get another. */
function codeReleased(step: Step): string[] {
  if (step.on !== "database" || step.what !== "discount") return [];
  return step.act === "archive" || (step.act === "update" && "code" in step.changes)
    ? [step.id]
    : [];
}
