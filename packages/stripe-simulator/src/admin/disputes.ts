import { NOBODY } from "../core/actor.ts";
import { decide, disputesOf, escalate, isOpen, openDispute } from "../operations/disputes.ts";
import type { Context } from "../operations/context.ts";
import type { Account } from "../store/account.ts";
import type { Charge, Dispute } from "../store/types.ts";
import type { World } from "../world.ts";

/** The charge of that id, or of the payment intent of that id. */
function chargeOf(account: Account, id: string): Charge | undefined {
  const intent = account.paymentIntents.find(id);
  return account.charges.find(intent?.latest_charge ?? id);
}

function find(world: World, id: string): { context: Context; charge: Charge } | undefined {
  for (const account of world.accounts()) {
    const charge = chargeOf(account, id);
    if (charge !== undefined) return { context: { world, account, actor: NOBODY }, charge };
  }
  return undefined;
}

/** Disputes a charge; undefined when there is none that was paid and is not disputed already. */
export function openFor(
  world: World,
  id: string,
  given: { reason?: string; amount?: number; inquiry?: boolean },
): Dispute | undefined {
  const found = find(world, id);
  if (found?.charge.paid !== true) return undefined;
  const { context, charge } = found;
  if (disputesOf(context, charge).some(isOpen)) return undefined;
  const kind = given.inquiry === true ? "inquiry" : given.reason ?? "fraudulent";
  return openDispute(context, charge, kind, given.amount);
}

/** What the bank does with the open dispute of a charge; undefined when there is none. */
export function resolveFor(
  world: World,
  id: string,
  outcome: "win" | "lose" | "escalate",
): Dispute | undefined {
  const found = find(world, id);
  if (found === undefined) return undefined;
  const dispute = disputesOf(found.context, found.charge).find(isOpen);
  if (dispute === undefined) return undefined;
  if (outcome === "escalate") escalate(found.context, dispute);
  else decide(found.context, dispute, outcome === "win");
  return dispute;
}
