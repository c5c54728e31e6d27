import { NOBODY } from "../core/actor.ts";
import type { Account } from "../store/account.ts";
import type { World } from "../world.ts";
import { syncInvoice } from "./invoices.ts";
import { finishAuthentication } from "./payments.ts";
import { finishSetupAuthentication } from "./setups.ts";

/** What became of an intent whose customer was asked to authenticate. */
export interface Authenticated {
  id: string;
  clientSecret: string;
  status: string;
  returnUrl: string | null;
}

/** The customer passes, or fails, the authentication of an intent; undefined when none is asked. */
export function authenticate(
  world: World,
  account: Account,
  intentId: string,
  passed: boolean,
): Authenticated | undefined {
  const pending = account.authentications.get(intentId);
  if (pending === undefined) return undefined;
  const context = { world, account, actor: NOBODY };
  const method = account.paymentMethods.get(pending.methodId);
  const payment = account.paymentIntents.find(intentId);
  if (payment !== undefined) {
    finishAuthentication(context, payment, method, passed);
    syncInvoice(context, payment);
  }
  const setup = account.setupIntents.find(intentId);
  if (setup !== undefined) finishSetupAuthentication(context, setup, method, passed);
  const intent = payment ?? setup;
  return intent === undefined ? undefined : {
    id: intentId,
    clientSecret: intent.client_secret ?? "",
    status: intent.status,
    returnUrl: pending.returnUrl,
  };
}
