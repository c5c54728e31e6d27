import type { Check } from "../check.ts";
import { advisors } from "./advisors.ts";
import { catalogue } from "./catalogue.ts";
import { clock } from "./clock.ts";
import { digestKey } from "./digest-key.ts";
import { functions } from "./functions.ts";
import { guards } from "./guards.ts";
import { inbox } from "./inbox.ts";
import { keys } from "./keys.ts";
import { origins } from "./origins.ts";
import { realtime } from "./realtime.ts";
import { reconcile } from "./reconcile.ts";
import { refunds } from "./refunds.ts";
import { schema } from "./schema.ts";
import { sessions } from "./sessions.ts";
import { users } from "./users.ts";
import { webhooks } from "./webhooks.ts";

/** What `npm run doctor` looks at, in the order in which it tells: what explains the rest first. */
export const checks: readonly Check[] = [
  functions,
  schema,
  keys,
  digestKey,
  webhooks,
  origins,
  users,
  catalogue,
  clock,
  reconcile,
  inbox,
  sessions,
  refunds,
  realtime,
  guards,
  advisors,
];
