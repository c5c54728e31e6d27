import { NOBODY } from "../core/actor.ts";
import { APPLICATION } from "../entities/payment-intent.ts";
import { newPortalConfiguration } from "../entities/portal.ts";
import type { Account } from "../store/account.ts";
import type { World } from "../world.ts";
import { NotFound } from "./read.ts";

function connectedNamed(world: World, id: string): Account {
  const account = world.connected.get(id);
  if (account === undefined) throw new NotFound(`no connected account ${id}`);
  return account;
}

export function setCharges(world: World, id: string, enabled: boolean): unknown {
  const { settings } = connectedNamed(world, id);
  world.change(connectedNamed(world, id), "account.updated", settings, NOBODY, () => {
    settings.charges_enabled = enabled;
  });
  return settings;
}

/** What saving the customer portal's settings in an account's dashboard does; a platform is named by its id too. */
export function savePortal(world: World, id: string): unknown {
  const account = world.accounts().find((one) => one.id === id);
  if (account === undefined) throw new NotFound(`no account ${id}`);
  const saved = account.portalConfigurations.all().find((one) => one.is_default);
  return saved ?? account.portalConfigurations.add(newPortalConfiguration({
    created: world.clock.now(),
    is_default: true,
    metadata: null,
    features: {
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true },
      subscription_cancel: { enabled: true },
    },
  }));
}

export function deauthorize(world: World, id: string): unknown {
  const account = connectedNamed(world, id);
  const application = { id: APPLICATION, object: "application", name: "The platform" };
  world.emit(account, "account.application.deauthorized", application, NOBODY);
  account.authorized = false;
  return { id, authorized: false };
}
