import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { operatorConsole } from "../../scripts/console.ts";
import { runCommand } from "../support/command.ts";
import { complete, openDatabase, openSession, openShop, ORGANIZATION, record } from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const env = { DATABASE_URL: database.databaseUrl };

const look = async (...argv: string[]) => (await runCommand(operatorConsole, env, argv)).stdout;
const entry = z.object({ at: z.string(), source: z.string(), what: z.string(), clock: z.string() });
const shown = z.object({
  session: z.object({ id: z.string(), status: z.string() }),
  others: z.array(z.object({ id: z.string() })),
  timeline: z.array(entry),
});
const timeline = async (name: string, ...argv: string[]) =>
  shown.parse(JSON.parse(await look("session", name, "--json", ...argv)));

/** An event about an object of Stripe's, as a webhook brings it. */
const tell = (id: string, object: Record<string, unknown>) =>
  service.call<{ eventId: string }>("receive_event", {
    p_stripe_event_id: id,
    p_type: "payment_intent.succeeded",
    p_livemode: false,
    p_payload: { data: { object } },
    p_lease_seconds: 60,
  });
const kill = async (id: string, object: Record<string, unknown>, error = "stripe_unavailable") => {
  const { eventId } = await tell(id, object);
  await service.call("fail_event", { p_event_id: eventId, p_error: error, p_max_attempts: 1 });
};

const user = `user-${randomUUID()}`;
const [live, paid] = [
  await openSession(service, keyDigest, user),
  await openSession(service, keyDigest, "another"),
];

beforeAll(async () => {
  await service.call("begin_attempt", {
    p_session_id: paid.sessionId,
    p_stripe_payment_method_id: "pm_1",
    p_intent_status: "requires_payment_method",
  });
  const { eventId } = await tell("evt_paid", { id: paid.intentId });
  await record(service, paid, "succeeded");
  await complete(service, paid);
  await service.call("finish_event", { p_event_id: eventId, p_outcome: "applied" });
  await kill("evt_dead", { id: "re_1", payment_intent: paid.intentId });
  await tell("evt_of_nobody", { id: "pi_unknown", payment_intent: "pi_unknown" });
});

describe("npm run console", () => {
  it("shows what waits for a person, what is live, and the last days", async () => {
    const text = await look();
    expect(text).toMatch(/^dead events: 1$/m);
    expect(text).toMatch(/evt_dead .*stripe_unavailable/);
    expect(text).toMatch(/^live sessions: 1 \(1 open\)$/m);
    expect(text).toMatch(new RegExp(`${live.sessionId} .*open .*29\\.00 USD .*0 attempts`));
    expect(text).not.toContain(paid.sessionId);
    expect(text).toMatch(/opened +\[.{14}\] +2 /);
    expect(text).toMatch(/succeeded +\[.{14}\] +1 +50 %/);
    expect(text).toMatch(/^reconcile: never|reconcile: never/m);
  });

  it("says the same as JSON, and nothing else on standard output", async () => {
    const told = z.object({
      live: z.object({ total: z.number(), sessions: z.array(z.object({ id: z.string() })) }),
      dead: z.object({ total: z.number() }),
      refunds: z.object({ total: z.number(), givenUp: z.number() }),
      trends: z.object({ days: z.array(z.string()).length(14) }),
    }).parse(JSON.parse(await look("--json")));
    expect(told).toMatchObject({
      live: { total: 1, sessions: [{ id: live.sessionId }] },
      dead: { total: 1 },
      refunds: { total: 0, givenUp: 0 },
    });
  });

  it("shows a guard that stands, and one that has fallen no more", async () => {
    await owner.rows(
      `insert into billing.organization_guards (organization_id, declines, raised_at, until)
       values ($1, 101, now(), now() + interval '5 minutes')`,
      [ORGANIZATION],
    );
    expect(await look()).toMatch(/^guards that stand: 1\n .* 101 declines/m);
    await owner.rows("update billing.organization_guards set until = now() - interval '1 s'");
    expect(await look()).toMatch(/^guards that stand: 0$/m);
    await owner.rows("delete from billing.organization_guards");
  });

  it("narrows to an organization, by its key or its id", async () => {
    await owner.rows(
      "insert into billing.organizations (name, key, stripe_account_id) values ('Other', 'other', 'acct_other')",
    );
    const { key } = await owner.row<{ key: string }>(
      "select coalesce(key, id::text) as key from billing.organizations where id = $1",
      [ORGANIZATION],
    );
    for (const name of [ORGANIZATION, key]) {
      expect(await look("--organization", name)).toMatch(/^live sessions: 1 /m);
    }
    const other = await look("--organization", "other");
    expect(other).toMatch(/^live sessions: 0$/m);
    expect(other).toMatch(/^dead events: 0$/m);
    await expect(timeline(user, "--organization", "other")).rejects.toMatchObject({ code: 2 });
  });

  it("lists the events that are dead or wait, and only the dead ones where told", async () => {
    expect(await look("events")).toMatch(
      /^dead: 1\n.*evt_dead[^]*npm run events -- replay[^]*^waiting: 1\n.*evt_of_nobody/m,
    );
    expect(await look("events", "--dead")).not.toContain("evt_of_nobody");
    expect(JSON.parse(await look("events", "--json"))).toMatchObject({
      dead: { total: 1, events: [{ stripe_event_id: "evt_dead" }] },
      waiting: [{ stripe_event_id: "evt_of_nobody" }],
    });
  });

  it.each([
    ["no database", {}, [], /^DATABASE_URL is not set: .*usage: npm run console/s],
    ["an organization that is not there", env, ["--organization", "nobody"], /^no organization/],
    ["a command that it does not know", env, ["sessions"], /^which command/],
    ["a session without its name", env, ["session"], /^which session/],
    ["a session that is not there", env, ["session", randomUUID()], /^no session of that name/],
    ["a log that is not there", env, ["session", live.sessionId, "--log", "/nowhere"], /^--log: /],
    ["two sources of variables", env, ["--local", "--env-file", "x"], /^--local or --env-file/],
  ])("ends with exit code 2 and a sentence for %s", async (_what, given, argv, sentence) => {
    await expect(runCommand(operatorConsole, given, argv)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(sentence) as unknown,
    });
  });
});

describe("npm run console -- session", () => {
  it("tells what happened in its order, each with its source", async () => {
    const { session, timeline: entries } = await timeline(paid.sessionId);
    expect(session).toMatchObject({ id: paid.sessionId, status: "succeeded" });
    const story = [
      /^session opened: standard, 29\.00 USD/,
      /^attempt attempt 1 begun/,
      /^intent pi_\w+ succeeded/,
      /^subscription sub_\w+ written, now active/,
      /^session succeeded/,
      /^event payment_intent\.succeeded evt_paid applied, attempt 1/,
      /^event payment_intent\.succeeded evt_dead received, dead after 1 attempts: stripe_unavailable/,
    ];
    const lines = entries.map(({ source, what }) => `${source} ${what}`);
    const places = story.map((part) => lines.findIndex((line) => part.test(line)));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(lines.join("\n")).toMatch(/^status \w+ to succeeded, version \d+$/m);
    expect(lines.join("\n")).not.toContain("evt_of_nobody");
    expect(entries.filter(({ clock }) => clock === "stripe")).toHaveLength(1);
  });

  it.each([
    ["its id", () => live.sessionId],
    ["its intent's id at Stripe", () => live.intentId],
    ["the merchant's id of the customer", () => user],
  ])("finds it by %s", async (_what, name) => {
    expect((await timeline(name())).session.id).toBe(live.sessionId);
  });

  it("shows a customer's newest session, and names the older ones", async () => {
    const customer = randomUUID();
    const older = await openSession(service, keyDigest, customer);
    const newer = await openSession(service, keyDigest, customer);
    const { session, others } = await timeline(customer);
    expect([session.id, ...others.map(({ id }) => id)]).toEqual([newer.sessionId, older.sessionId]);
    expect(await look("session", customer)).toContain("older sessions of this customer: 1");
  });

  it("shows nothing of a person, no address and no secret, wherever they stand", async () => {
    const planted = [
      "jo@example.com",
      "Jo Planted",
      "Planted Street 5",
      "DE99planted",
      "planted-key",
    ];
    const email = `planted-${randomUUID()}@example.com`;
    const secret = ["pi_1", "secret", "planted"].join("_");
    const session = await openSession(service, keyDigest, email);
    await owner.rows("alter table billing.checkout_sessions disable trigger user");
    await owner.rows(
      `update billing.checkout_sessions set customer_email = $2, customer_name = $3,
         customer_address = jsonb_build_object('country', 'DE', 'line1', $4::text),
         customer_tax_id = jsonb_build_object('type', 'eu_vat', 'value', $5::text), idempotency_key = $6,
         metadata = jsonb_build_object('note', $2::text), success_url = 'https://example.com/?for=' || $2
       where id = $1`,
      [session.sessionId, ...planted],
    );
    await owner.rows("alter table billing.checkout_sessions enable trigger user");
    await kill(
      "evt_planted",
      { id: session.intentId, receipt_email: planted[0] },
      `refused for ${planted[0]} with ${secret}\u001B[2J`,
    );
    await owner.rows(
      "update billing.payment_intents set fingerprint = 'planted-print' where stripe_payment_intent_id = $1",
      [session.intentId],
    );
    const everything = [
      await look(),
      await look("--json"),
      await look("session", session.sessionId),
      await look("session", email),
      await look("session", email, "--json"),
      await look("events"),
      await look("events", "--json"),
    ];
    for (const text of everything) {
      expect(text).toContain(text.includes("evt_planted") ? "[masked]" : session.sessionId);
      for (const secretText of [...planted, email, secret, "planted-print", "receipt", "\u001B"]) {
        expect(text).not.toContain(secretText);
      }
    }
    expect(everything.filter((text) => text.includes("evt_planted"))).toHaveLength(
      everything.length,
    );
  });
});

const owing = async () => {
  const session = await openSession(service, keyDigest);
  await record(service, session, "succeeded");
  await service.call("refuse_fulfillment", { p_session_id: session.sessionId });
  return session;
};
const owed = async () => {
  const text = await look();
  return text.slice(text.indexOf("refunds owed"), text.indexOf("\n\ndead events"));
};

describe("money that is owed", () => {
  it("is shown until it went back, with what became of its refund, and given up first", async () => {
    const [first, second] = [await owing(), await owing()];
    const refund = (status: string, failures: number) =>
      service.call("record_refund", {
        p_session_id: second.sessionId,
        p_stripe_refund_id: `re_${failures}`,
        p_status: status,
        p_failures: failures,
      });
    expect(await owed()).toMatch(
      /^refunds owed: 2, of them given up: 0\n.* not made yet .*29\.00 USD/,
    );
    await refund("pending", 0);
    expect(await owed()).toMatch(new RegExp(`${second.sessionId} .* pending `));
    await refund("failed", 5);
    expect(await owed()).toMatch(
      new RegExp(
        `: 2, of them given up: 1\n  ${second.sessionId} .* given_up [^]*${first.sessionId}`,
      ),
    );
    await refund("succeeded", 5);
    expect(await owed()).not.toContain(second.sessionId);
    expect((await timeline(second.sessionId)).timeline.map(({ what }) => what)).toContain(
      "re_5 succeeded, 5 failed",
    );
  });
});
