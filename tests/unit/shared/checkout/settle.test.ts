import { expect, it } from "vitest";
import { settle } from "../../../../shared/checkout/settle.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { paymentIntent } from "../stripe/answers.ts";
import { answer, recordedStripe } from "../stripe/recorded.ts";
import { located } from "../support/located.ts";
import { recordedCheckouts, recordedLog } from "../support/recorded-database.ts";
import { snapshot } from "../support/snapshots.ts";

const processing = { ...snapshot, version: 2, status: "processing" } as const;
const complete = { ...snapshot, version: 3, status: "succeeded" } as const;

/** A session that another run fulfills for so many milliseconds more, and what is seen of it meanwhile. */
function besideAnother(milliseconds: number, seen: object) {
  const { checkouts, called, names } = recordedCheckouts({
    record_intent: ({ p_gives_way: givesWay }) =>
      givesWay === true
        ? { outcome: "being_fulfilled", version: processing.version, milliseconds }
        : { outcome: "succeeded", snapshot: complete },
    read_checkout: () => ({ snapshot: seen, stuck: false, traceId: null, owner: null }),
    locate_checkout: () => located,
  });
  const { stripe, calls } = recordedStripe({
    [`GET /v1/payment_intents/${paymentIntent.id}`]: [answer(paymentIntent)],
  });
  const settling = settle(
    { checkouts, stripe: stripeGateway(stripe), log: recordedLog().log },
    located,
  );
  return { settling, called, names, calls };
}

it("whoever has waited for another run waits for no further one, and reads again first", async () => {
  const { settling, called, names, calls } = besideAnother(60, processing);
  expect(await settling).toEqual({ outcome: "settled", snapshot: complete });
  const told = called.filter(({ name }) => name === "record_intent");
  expect(told.map(({ args }) => args["p_gives_way"])).toEqual([true, false]);
  expect(names()).toContain("locate_checkout");
  expect(calls()).toHaveLength(2);
});

it("whoever sees the session complete reads nothing again", async () => {
  const { settling, names, calls } = besideAnother(60_000, complete);
  expect(await settling).toEqual({ outcome: "settled", snapshot: complete });
  expect(names()).toEqual(["record_intent", "read_checkout", "record_intent"]);
  expect(calls()).toHaveLength(1);
});
