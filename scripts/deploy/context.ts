import type { Client } from "pg";
import type Stripe from "stripe";
import type { Management } from "./management.ts";
import type { Migration } from "./migrations.ts";
import type { Settings } from "./settings.ts";

/** What the steps work with. */
export interface Context {
  readonly settings: Settings;
  /** The folder that holds `supabase/`. */
  readonly folder: string;
  readonly migrations: readonly Migration[];
  /** As the role postgres. */
  readonly database: Client;
  readonly management: Management;
  readonly stripe: Stripe;
}

/** What the webhook function is called at, and how the endpoints of this project are known at Stripe. */
export const webhookUrl = ({ projectUrl }: Pick<Settings, "projectUrl">): string =>
  `${projectUrl}/functions/v1/stripe-webhook`;
