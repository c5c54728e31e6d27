import type Stripe from "stripe";
import { handledEventTypes } from "../domain/event-command.ts";

type EnabledEvent = Stripe.WebhookEndpointCreateParams.EnabledEvent;
const isHandled = (type: string): type is EnabledEvent => handledEventTypes.includes(type);

/** What a webhook endpoint at Stripe is sent: exactly what is handled. */
export const enabledEvents: readonly EnabledEvent[] = handledEventTypes.filter(isHandled);
