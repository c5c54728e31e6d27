import { startStripeSimulator, type StripeSimulator } from "@billingos/stripe-simulator";
import { Stripe } from "stripe";
import { beforeEach, expect, it } from "vitest";
import { type Management, management } from "../../../scripts/deploy/management.ts";
import type { Settings } from "../../../scripts/deploy/settings.ts";
import type { Step } from "../../../scripts/deploy/step.ts";
import { webhooks } from "../../../scripts/deploy/webhooks.ts";
import { handledEventTypes } from "../../../shared/domain/event-command.ts";
import { projectFolder } from "../../../stack/migrate.ts";
import { type ManagementApi, startManagementApi } from "../../support/management-api.ts";

const URL_OF_OURS = "https://project.example.com/functions/v1/stripe-webhook";
let simulator: StripeSimulator;
let api: ManagementApi;
let stripe: Stripe;
let step: Step;
let platform: Management;
let stepWith: (
  changes: Partial<Settings>,
  others?: Partial<Management>,
  isRotation?: boolean,
) => Step;

beforeEach(async () => {
  simulator = await startStripeSimulator();
  api = await startManagementApi({ secretKey: "sb_secret_one" });
  const { hostname, port } = new URL(simulator.url);
  stripe = new Stripe(simulator.secretKey, {
    protocol: "http",
    host: hostname,
    port: Number(port),
    telemetry: false,
  });
  const settings: Settings = {
    ref: api.ref,
    accessToken: api.token,
    managementUrl: api.url,
    databaseUrl: "",
    projectUrl: "https://project.example.com",
    livemode: false,
    webhookSecrets: ["whsec_given"],
    secrets: {},
  };
  platform = management(settings, projectFolder);
  stepWith = (changes, others, isRotation) =>
    webhooks({
      stripe,
      settings: { ...settings, ...changes },
      management: { ...platform, ...others },
    }, isRotation);
  step = stepWith({});
  await run();
  return () => Promise.all([simulator.close(), api.close()]);
});

const run = () => step.apply(() => undefined);
const endpoints = async () => (await stripe.webhookEndpoints.list({ limit: 100 })).data;

it("made for the account and for connected ones, and their secrets stored beside those that were given", async () => {
  expect(api.secrets.get("STRIPE_WEBHOOK_SECRETS")).toMatch(/^whsec_\w+,whsec_\w+,whsec_given$/);
  expect(await endpoints()).toHaveLength(2);
  expect(await step.check()).toEqual([]);
});

it("changed by hand is put right, and keeps its secret", async () => {
  const [one, other] = await endpoints();
  const secrets = api.secrets.get("STRIPE_WEBHOOK_SECRETS");
  await stripe.webhookEndpoints.update(one?.id ?? "", {
    enabled_events: ["invoice.paid"],
    disabled: true,
  });
  expect(await step.check()).toEqual([`update ${one?.id} to the events that are handled`]);
  await run();
  const after = await endpoints();
  expect(after.map(({ id }) => id)).toEqual([one?.id, other?.id]);
  for (const { status, enabled_events: events } of after) {
    expect(status).toBe("enabled");
    expect(events.toSorted()).toEqual([...handledEventTypes].toSorted());
  }
  expect(api.secrets.get("STRIPE_WEBHOOK_SECRETS")).toBe(secrets);
});

it.each([
  ["whose secret is not stored", () => api.secrets.delete("STRIPE_WEBHOOK_SECRETS")],
  [
    "beside which another secret is stored",
    () => api.secrets.set("STRIPE_WEBHOOK_SECRETS", "whsec_other"),
  ],
  [
    "whose sibling is gone",
    async () => stripe.webhookEndpoints.del((await endpoints()).at(-1)?.id ?? ""),
  ],
  ["that a run made which ended before it stored the secret", async () => {
    api.secrets.clear();
    api.fail = ({ method }) => method === "POST" ? 503 : undefined;
    await expect(run()).rejects.toThrow(/answered 503 to POST \/secrets$/);
    api.fail = undefined;
    expect(await endpoints()).toHaveLength(5);
  }],
])("%s is replaced, and nobody else's is touched", async (_what, lose) => {
  const theirs = await stripe.webhookEndpoints.create({
    url: URL_OF_OURS,
    enabled_events: ["invoice.paid"],
  });
  const before = new Set((await endpoints()).map(({ id }) => id));
  await lose();
  expect((await step.check()).join("\n")).toContain(`leave ${theirs.id} alone`);
  await run();
  const after = (await endpoints()).map(({ id }) => id);
  expect(after).toHaveLength(3);
  expect(after.filter((id) => before.has(id))).toEqual([theirs.id]);
  expect(await step.check()).toEqual([]);
});

it("are made anew where other secrets are given beside theirs, and then those are stored", async () => {
  const changed = stepWith({ webhookSecrets: ["whsec_other", "whsec_given"] });
  expect((await changed.check()).join("\n")).toMatch(/^make the platform endpoint/);
  await changed.apply(() => undefined);
  expect(api.secrets.get("STRIPE_WEBHOOK_SECRETS")).toMatch(
    /^whsec_\w+,whsec_\w+,whsec_other,whsec_given$/,
  );
  expect(await endpoints()).toHaveLength(2);
  const reordered = stepWith({ webhookSecrets: ["whsec_given", "whsec_other"] });
  expect(await reordered.check()).toEqual([]);
});

it("are known by the secrets that were sent, and replaced where another run has stored its own by then", async () => {
  api.secrets.clear();
  const overtaken = stepWith({}, {
    setSecrets: () => {
      api.secrets.set("STRIPE_WEBHOOK_SECRETS", "whsec_of_another_run");
      return Promise.resolve();
    },
  });
  await overtaken.apply(() => undefined);
  expect((await step.check()).join("\n")).toMatch(/^make the platform endpoint/);
  await run();
  expect(await step.check()).toEqual([]);
});

it("are replaced on request, and at no moment is an endpoint without a secret that is stored", async () => {
  const old = await endpoints();
  const before = api.secrets.get("STRIPE_WEBHOOK_SECRETS");
  const stored: (string | undefined)[] = [];
  const seen = async () => {
    stored.push(api.secrets.get("STRIPE_WEBHOOK_SECRETS"));
    return (await endpoints()).length;
  };
  const rotation = stepWith({}, {
    setSecrets: async (values) => {
      expect(await seen()).toBe(4);
      await platform.setSecrets(values);
      expect(await seen()).toBe(4);
    },
  }, true);
  expect((await rotation.check()).join("\n")).toMatch(/^make the platform endpoint/);
  await rotation.apply(() => undefined);
  expect(stored).toEqual([before, expect.stringMatching(/^whsec_\w+,whsec_\w+,whsec_given$/)]);
  expect(stored[1]).not.toBe(before);
  const after = await endpoints();
  expect(after).toHaveLength(2);
  expect(after.filter(({ id }) => old.some((one) => one.id === id))).toEqual([]);
  expect(await step.check()).toEqual([]);
});

it("of the project's first address are replaced where it has a domain of its own since", async () => {
  const before = stepWith({ projectUrl: `https://${api.ref}.supabase.co` });
  await before.apply(() => undefined);
  expect(await endpoints()).toHaveLength(4);
  await run();
  expect((await endpoints()).map(({ url }) => url)).toEqual([URL_OF_OURS, URL_OF_OURS]);
  expect(await step.check()).toEqual([]);
});
