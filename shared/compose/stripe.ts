import type Stripe from "stripe";
import {
  type EnvironmentRecord,
  stripeEnvironment,
  webhookSecrets,
} from "../runtime/environment.ts";
import { connectStripe } from "../stripe/client.ts";
import { type StripeGateway, stripeGateway } from "../stripe/gateway.ts";
import { type StripeProbe, stripeProbe } from "../stripe/probe.ts";
import { type VerifiedEvent, verifyEvent } from "../stripe/webhook.ts";
import { measuredFetch } from "../telemetry/dependency-calls.ts";
import { part } from "./compose.ts";

const clients = new WeakMap<EnvironmentRecord, Stripe>();

/** One client for all that a function asks of Stripe. */
function clientOf(environment: EnvironmentRecord): Stripe {
  const client = clients.get(environment) ??
    connectStripe(stripeEnvironment(environment), measuredFetch("stripe"));
  clients.set(environment, client);
  return client;
}

export const gatewayOf = (environment: EnvironmentRecord): StripeGateway =>
  stripeGateway(clientOf(environment));

export const probeOf = (environment: EnvironmentRecord): StripeProbe =>
  stripeProbe(clientOf(environment));

/**
 * Everything that checkout asks of Stripe. Whoever imports this loads Stripe's package: a function that rarely needs it has
 * `lateStripe`.
 */
export const stripe = part(["stripe"], gatewayOf);

/** The event that Stripe has signed, by the endpoint's secrets; see `verifyEvent`. */
export type Verify = (body: Uint8Array, signature: string | null) => Promise<VerifiedEvent>;

export const verify = part(["stripe", "webhook"], (environment): Verify => {
  const client = clientOf(environment);
  const secrets = webhookSecrets(environment);
  return (body, signature) => verifyEvent(client, body, signature, secrets);
});
