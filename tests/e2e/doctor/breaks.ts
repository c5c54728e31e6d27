import { randomBytes } from "node:crypto";
import { digestKeyCheck } from "../../../scripts/keys/digest-key.ts";
import { STRIPE_API_VERSION } from "../../../shared/stripe/client.ts";
import { enabledEvents } from "../../../shared/stripe/enabled-events.ts";
import type { Stack } from "../../../stack/index.ts";
import { eventually, type Shop } from "../../support/shop.ts";

/** A healthy stack with one open checkout, and what it takes to break it. */
export interface Ground {
  readonly stack: Stack;
  readonly shop: Shop;
  readonly sessionId: string;
  /** A stranger's 32 bytes, as base64url. */
  readonly otherKey: string;
}

/** One thing that is broken, the findings that it has, and how it is mended. */
export interface Break {
  readonly findings: readonly string[];
  readonly what: string;
  /** Answers the variables that the operator has otherwise than the functions. */
  readonly spoil: (ground: Ground) => Promise<Readonly<Record<string, string>> | void>;
  readonly mend?: (ground: Ground) => Promise<unknown>;
}

const sql = (...statements: string[]) => async ({ shop }: Ground): Promise<void> => {
  for (const statement of statements) await shop.query(statement);
};
const set = (name: string, value: (ground: Ground) => string) => (ground: Ground) =>
  Promise.resolve({ [name]: value(ground) });

/** By whichever rights, since the triggers would put it right. */
const untriggered = (table: string, statement: string) =>
  sql(
    `alter table billing.${table} disable trigger user`,
    statement,
    `alter table billing.${table} enable trigger user`,
  );

const webhookUrl = ({ stack }: Ground) => `${stack.info.functionsUrl}/stripe-webhook`;
const endpoints = async (ground: Ground) => {
  const { data } = await ground.shop.stripe.webhookEndpoints.list({ limit: 100 });
  return data.filter(({ url }) => url === webhookUrl(ground));
};
const ELSEWHERE = "https://elsewhere.example.com/";
/** Moves all but the two that the stack has made to another place: the simulator deletes none. */
const onlyFirstTwo = async (ground: Ground) => {
  const all = (await endpoints(ground)).toSorted((one, other) => one.created - other.created);
  for (const { id } of all.filter(({ description }) => description === "surplus")) {
    await ground.shop.stripe.webhookEndpoints.update(id, { url: ELSEWHERE });
  }
};
const oneMore = async (ground: Ground, version: { api_version?: typeof STRIPE_API_VERSION }) => {
  await ground.shop.stripe.webhookEndpoints.create({
    url: webhookUrl(ground),
    enabled_events: ["*"],
    description: "surplus",
    ...version,
  });
};
/** Which schemas PostgREST serves, by the role's setting, which goes before its variables. */
const served = (setting: string, status: number) => async (ground: Ground) => {
  const { apiUrl, functionsUrl, secretKey } = ground.stack.info;
  await sql(`alter role authenticator ${setting}`, "notify pgrst, 'reload config'")(ground);
  // One after the other: the functions that it finds are those of the schemas that it knows of when it looks.
  const headers = { apikey: secretKey, "accept-profile": "billing" };
  await eventually(
    () => fetch(`${apiUrl}/rest/v1/`, { headers }),
    (response) => (response.status === 406) === (status === 503),
  );
  await sql("notify pgrst, 'reload schema'")(ground);
  await eventually(
    () => fetch(`${functionsUrl}/health?deep=1`, { headers: { apikey: secretKey } }),
    (response) => response.status === status,
  );
};

const event = (id: string, columns: string, values: string) =>
  `insert into billing.webhook_events (stripe_event_id, type, livemode, payload, ${columns})
   select '${id}', 'invoice.paid', false, '{}', ${values}`;
const policy = (name: string, rest: string) =>
  [
    sql(`create policy ${name} on realtime.messages ${rest}`),
    sql(`drop policy ${name} on realtime.messages`),
  ] as const;
const [listenToAll, notToAll] = policy("careless", "for select to anon using (true)");
const [sendToAll, notSend] = policy("careless", "for insert to anon with check (true)");

/** The price of the demo catalogue that `lookup_key` ends with. */
const priceAtStripe = async ({ shop }: Ground, key: string) => {
  const lists = await Promise.all(
    [true, false].map((active) => shop.stripe.prices.list({ active, limit: 100 })),
  );
  return lists.flatMap(({ data }) => data).find(({ lookup_key: name }) =>
    name?.endsWith(key) === true
  )?.id ?? "";
};

const lateRun = "update billing.reconcile_runs set finished_at = finished_at - interval '1 hour'";

export const breaks: readonly Break[] = [
  {
    findings: ["functions.unreachable"],
    what: "a function that does not run",
    spoil: ({ stack }) => stack.functions.kill("health"),
    mend: ({ stack }) => stack.functions.restart("health"),
  },
  {
    findings: ["functions.refuse-key", "schema.unreadable"],
    what: "another project's secret key",
    spoil: set("SUPABASE_SECRET_KEYS", () => '{"default":"sb_secret_OfAnotherProject"}'),
  },
  {
    findings: ["functions.database-silent", "schema.unreadable"],
    what: "an API that is down",
    spoil: ({ stack }) => stack.postgrest.halt(),
    mend: ({ stack }) => stack.postgrest.resume(),
  },
  {
    findings: ["functions.stripe-silent"],
    what: "Stripe that answers the functions with an error",
    spoil: async ({ shop }) => {
      await shop.admin("POST", "/faults", {
        kind: "error_before",
        method: "GET",
        path: "/v1/events",
      });
    },
  },
  {
    findings: ["functions.database-silent", "schema.not-exposed"],
    what: "a schema that the API does not serve",
    spoil: served("set pgrst.db_schemas = 'public'", 503),
    mend: served("reset pgrst.db_schemas", 200),
  },
  {
    findings: ["schema.open-to-browsers"],
    what: "a schema that a browser may use",
    spoil: sql("grant usage on schema billing to anon"),
    mend: sql("revoke usage on schema billing from anon"),
  },
  {
    findings: ["schema.open-to-browsers"],
    what: "a table that a signed-in browser may read",
    spoil: sql("grant select on billing.customers to authenticated"),
    mend: sql("revoke select on billing.customers from authenticated"),
  },
  {
    findings: ["schema.open-to-browsers"],
    what: "a user's own features, asked for by who is not signed in",
    spoil: sql("grant execute on function billing.has_feature(text) to anon"),
    mend: sql("revoke execute on function billing.has_feature(text) from anon"),
  },
  {
    findings: ["keys.refused", "doctor.unchecked", "doctor.unchecked", "doctor.unchecked"],
    what: "a key that Stripe does not know",
    spoil: set("STRIPE_SECRET_KEY", () => "sk_test_nobodys"),
  },
  {
    findings: ["keys.publishable-refused"],
    what: "a publishable key that Stripe does not know",
    spoil: set("STRIPE_PUBLISHABLE_KEY", () => "pk_test_nobodys"),
  },
  {
    findings: ["keys.organizations-of-other-mode"],
    what: "an organization in live mode beside test keys",
    spoil: sql("insert into billing.organizations (name, livemode) values ('Live', true)"),
    mend: sql("delete from billing.organizations where livemode"),
  },
  {
    findings: ["digest-key.differs-here"],
    what: "another digest key at the operator's",
    spoil: set("CHECKOUT_DIGEST_KEY", ({ otherKey }) => otherKey),
  },
  {
    findings: ["digest-key.differs-there"],
    what: "another digest key in the functions",
    spoil: async ({ shop, otherKey }) => {
      await shop.query("update billing_private.digest_key_check set value = $1", [
        digestKeyCheck(Buffer.from(otherKey, "base64url")),
      ]);
      return { CHECKOUT_DIGEST_KEY: otherKey };
    },
    mend: ({ shop, stack }) =>
      shop.query("update billing_private.digest_key_check set value = $1", [
        digestKeyCheck(stack.digestKey),
      ]),
  },
  {
    findings: ["webhooks.missing"],
    what: "an address that no endpoint at Stripe has",
    spoil: async (ground) => {
      for (const { id } of await endpoints(ground)) {
        await ground.shop.stripe.webhookEndpoints.update(id, {
          url: ELSEWHERE,
          description: "moved",
        });
      }
    },
    mend: async (ground) => {
      const { data } = await ground.shop.stripe.webhookEndpoints.list({ limit: 100 });
      for (const { id, description } of data) {
        if (description !== "moved") continue;
        await ground.shop.stripe.webhookEndpoints.update(id, { url: webhookUrl(ground) });
      }
    },
  },
  {
    findings: ["webhooks.disabled"],
    what: "an endpoint that Stripe has given up on",
    spoil: async (ground) => {
      const [first] = await endpoints(ground);
      await ground.shop.stripe.webhookEndpoints.update(first?.id ?? "", { disabled: true });
    },
    mend: async (ground) => {
      for (const { id } of await endpoints(ground)) {
        await ground.shop.stripe.webhookEndpoints.update(id, { disabled: false });
      }
    },
  },
  {
    findings: ["webhooks.events"],
    what: "an endpoint that is sent one type alone",
    spoil: async (ground) => {
      const [first] = await endpoints(ground);
      await ground.shop.stripe.webhookEndpoints.update(first?.id ?? "", {
        enabled_events: ["invoice.paid"],
      });
    },
    mend: async (ground) => {
      for (const { id } of await endpoints(ground)) {
        await ground.shop.stripe.webhookEndpoints.update(id, {
          enabled_events: [...enabledEvents],
        });
      }
    },
  },
  {
    findings: ["webhooks.version", "webhooks.secrets"],
    what: "an endpoint in the account's own version",
    spoil: (ground) => oneMore(ground, {}),
    mend: onlyFirstTwo,
  },
  {
    findings: ["webhooks.secrets"],
    what: "an endpoint whose secret the functions do not have",
    spoil: (ground) => oneMore(ground, { api_version: STRIPE_API_VERSION }),
    mend: onlyFirstTwo,
  },
  {
    findings: ["webhooks.connect-missing"],
    what: "a connected account and one endpoint",
    spoil: async (ground) => {
      const [first] = await endpoints(ground);
      await ground.shop.stripe.webhookEndpoints.update(first?.id ?? "", {
        url: ELSEWHERE,
        description: "moved",
      });
      await sql(
        "insert into billing.organizations (name, stripe_account_id) values ('Connected', 'acct_doctor')",
      )(ground);
    },
    mend: async (ground) => {
      const { data } = await ground.shop.stripe.webhookEndpoints.list({ limit: 100 });
      for (const { id, description, url } of data) {
        if (description !== "moved" || url !== ELSEWHERE) continue;
        await ground.shop.stripe.webhookEndpoints.update(id, { url: webhookUrl(ground) });
      }
      await sql("delete from billing.organizations where name = 'Connected'")(ground);
    },
  },
  {
    findings: ["origins.differ"],
    what: "other origins at the operator's",
    spoil: set("CHECKOUT_ALLOWED_ORIGINS", () => "https://app.example.com"),
  },
  {
    findings: ["reconcile.never-ran"],
    what: "no run of reconcile",
    spoil: sql(
      "create table public.kept as table billing.reconcile_runs",
      "delete from billing.reconcile_runs",
    ),
    mend: sql("insert into billing.reconcile_runs table public.kept", "drop table public.kept"),
  },
  {
    findings: ["reconcile.late"],
    what: "a run of reconcile an hour ago",
    spoil: sql(lateRun),
    mend: sql(lateRun.replace("- interval", "+ interval")),
  },
  {
    findings: ["reconcile.failing"],
    what: "a run of reconcile that left something",
    spoil: sql(
      `insert into billing.reconcile_runs (report) values ('{"events": {"worked": 0, "failed": 2}}')`,
    ),
    mend: sql("delete from billing.reconcile_runs where report #>> '{events,failed}' = '2'"),
  },
  {
    findings: ["inbox.dead"],
    what: "an event that was given up on",
    spoil: sql(event("evt_dead", "status", "'dead'")),
    mend: sql("delete from billing.webhook_events where stripe_event_id = 'evt_dead'"),
  },
  {
    findings: ["inbox.late"],
    what: "an event that nobody took up",
    spoil: sql(event("evt_late", "next_attempt_at", "now() - interval '10 minutes'")),
    mend: sql("delete from billing.webhook_events where stripe_event_id = 'evt_late'"),
  },
  {
    findings: ["inbox.deep"],
    what: "a thousand and one events that are due",
    spoil: sql(
      `${event("evt_deep' || n || '", "status", "'received'")} from generate_series(1, 1001) n`,
    ),
    mend: sql("delete from billing.webhook_events where stripe_event_id like 'evt_deep%'"),
  },
  {
    findings: ["sessions.overdue"],
    what: "a checkout that no repair took up",
    spoil: untriggered(
      "checkout_sessions",
      "update billing.checkout_sessions set repair_at = now() - interval '1 hour'",
    ),
    mend: untriggered(
      "checkout_sessions",
      "update billing.checkout_sessions s set repair_at = billing_private.session_repair_at(s)",
    ),
  },
  {
    findings: ["sessions.unfulfilled"],
    what: "a checkout that was paid and is not fulfilled",
    spoil: untriggered(
      "checkout_sessions",
      "update billing.checkout_sessions set fulfilling_since = now() - interval '1 hour', repair_at = now() + interval '1 hour'",
    ),
    mend: untriggered(
      "checkout_sessions",
      "update billing.checkout_sessions set fulfilling_since = null, repair_at = expires_at",
    ),
  },
  {
    findings: ["refunds.given-up"],
    what: "a refund that the bank sent back too often",
    spoil: untriggered(
      "payment_intents",
      `update billing.payment_intents set refund_status = 'given_up', stripe_refund_id = 're_1', refunded_at = now(),
         refund_reason = 'session_closed', refunding_since = now()`,
    ),
    mend: untriggered(
      "payment_intents",
      `update billing.payment_intents set refund_status = null, stripe_refund_id = null, refunded_at = null,
         refund_reason = null, refunding_since = null`,
    ),
  },
  {
    findings: ["catalogue.drift"],
    what: "a price that somebody archived at Stripe",
    spoil: async (ground) => {
      await ground.shop.stripe.prices.update(await priceAtStripe(ground, "pro-yearly"), {
        active: false,
      });
    },
    mend: async (ground) => {
      await ground.shop.stripe.prices.update(await priceAtStripe(ground, "pro-yearly"), {
        active: true,
      });
      await ground.shop.query(
        "update billing.product_prices set stripe_active = true where key = 'pro-yearly'",
      );
    },
  },
  {
    findings: ["catalogue.drift"],
    what: "a product that somebody renamed in the database",
    spoil: sql("update billing.products set name = 'Prow' where key = 'pro'"),
    mend: sql("update billing.products set name = 'Pro' where key = 'pro'"),
  },
  {
    findings: ["realtime.refuses-listeners"],
    what: "a policy that is gone",
    spoil: sql("drop policy checkout_session_listeners on realtime.messages"),
    mend: sql(
      `create policy checkout_session_listeners on realtime.messages for select to anon, authenticated
       using (extension = 'broadcast' and billing_private.checkout_topic_exists((select realtime.topic())))`,
    ),
  },
  {
    findings: ["realtime.lets-strangers-listen"],
    what: "a policy that lets anybody listen",
    spoil: listenToAll,
    mend: notToAll,
  },
  {
    findings: ["realtime.lets-browsers-send"],
    what: "a policy that lets anybody send",
    spoil: sendToAll,
    mend: notSend,
  },
  {
    findings: ["realtime.lets-strangers-listen", "realtime.lets-browsers-send"],
    what: "row security that somebody has switched off",
    spoil: sql("alter table realtime.messages disable row level security"),
    mend: sql("alter table realtime.messages enable row level security"),
  },
  {
    findings: ["users.no-asymmetric-key"],
    what: "users who are customers, in a project that shows no public key",
    spoil: async ({ shop, stack }) => {
      // Beside the demo's, whose catalogue says otherwise.
      await shop.query(
        "insert into billing.organizations (name, auth_users) values ('Users', 'users')",
      );
      stack.auth.showKeys(false);
    },
    mend: async ({ shop, stack }) => {
      stack.auth.showKeys(true);
      await shop.query("delete from billing.organizations where auth_users <> 'off'");
    },
  },
  {
    findings: ["guards.raised"],
    what: "an organization at which cards are tested",
    spoil: ({ shop }) =>
      shop.query(
        `insert into billing.organization_guards (organization_id, declines, raised_at, until)
         values ($1, 101, now(), now() + interval '10 minutes')`,
        [shop.organizationId],
      ).then(() => undefined),
    mend: sql("delete from billing.organization_guards"),
  },
  {
    findings: ["advisors.warn"],
    what: "a function with a search path that its caller may choose",
    spoil: sql(
      "create function billing.loose() returns void language sql as 'select'",
      "revoke execute on function billing.loose() from public, anon, authenticated",
    ),
    mend: sql("drop function billing.loose()"),
  },
];

export const otherKey = (): string => randomBytes(32).toString("base64url");
