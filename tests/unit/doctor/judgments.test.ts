import Stripe from "stripe";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../scripts/doctor/checks/catalogue.ts";
import { clock } from "../../../scripts/doctor/checks/clock.ts";
import { checks } from "../../../scripts/doctor/checks/index.ts";
import { keys, pagesRefusalOf } from "../../../scripts/doctor/checks/keys.ts";
import { origins } from "../../../scripts/doctor/checks/origins.ts";
import { reconcile } from "../../../scripts/doctor/checks/reconcile.ts";
import { users } from "../../../scripts/doctor/checks/users.ts";
import { webhooks } from "../../../scripts/doctor/checks/webhooks.ts";
import { STRIPE_API_VERSION } from "../../../shared/stripe/client.ts";
import { breaks } from "../../e2e/doctor/breaks.ts";
import {
  type Answer,
  answer,
  listOf,
  lost,
  missing,
  recordedStripe,
  refusal,
} from "../shared/stripe/recorded.ts";

// What cannot be broken on a local stack without breaking its clock, its mode or its address.

const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);

describe("keys", () => {
  const good = {
    isLive: true,
    isLiveThere: true,
    organizations: 2,
    strangers: 0,
    refusal: undefined,
    pagesRefusal: undefined,
  };

  it("of another account are found by its last payment, and where there is none nothing is said", async () => {
    const intent = { id: "pi_1", object: "payment_intent", client_secret: "pi_1_secret_1" };
    const LIST = "GET /v1/payment_intents";
    const unknown = missing("intent");
    const said = (found: object[], read: Answer) => {
      const { stripe } = recordedStripe({ [LIST]: [listOf(...found)] });
      const page = recordedStripe({ [`${LIST}/pi_1`]: [read], [`${LIST}/pi_none`]: [read] });
      return pagesRefusalOf(stripe, page.stripe);
    };
    expect(await said([intent], unknown)).toMatch(/^finds no payment/);
    expect(await said([], unknown)).toBeUndefined();
    expect(await said([intent], answer(intent))).toBeUndefined();
    expect(await said([], refusal(401, { type: "invalid_request_error" }))).toBe("does not know");
    expect(await said([{ ...intent, client_secret: null }], unknown)).toBeUndefined();
    await expect(said([intent], lost)).rejects.toThrow(Stripe.errors.StripeConnectionError);
    expect(names(keys.judge({ ...good, pagesRefusal: "does not know" }))).toEqual([
      "keys.publishable-refused",
    ]);
  });

  it("of the other mode in the functions are found, and those of functions that do not tell are not", () => {
    expect(names(keys.judge(good))).toEqual([]);
    expect(names(keys.judge({ ...good, isLiveThere: false }))).toEqual(["keys.other-mode-there"]);
    expect(names(keys.judge({ ...good, isLiveThere: undefined }))).toEqual([]);
  });
});

describe("origins", () => {
  const named = ["https://app.example.com"];

  it.each<[string, boolean, string[], string[]]>([
    ["any page, on a project that is on the net", false, ["*"], ["origins.any"]],
    ["any page, on this machine", true, ["*"], []],
    ["a page without TLS", false, ["http://app.example.com"], ["origins.insecure"]],
    ["a page on this machine", false, ["http://localhost:5173", "http://127.0.0.1:80"], []],
    ["an app", false, ["capacitor://localhost"], []],
  ])("that allow %s", (_name, isLocal, there, found) => {
    expect(names(origins.judge({ isLocal, own: there, there }))).toEqual(found);
  });

  it("are the functions' own; in another order they are the same", () => {
    const two = [...named, "https://b.example.com"];
    expect(origins.judge({ isLocal: false, own: two, there: two.toReversed() })).toEqual([]);
    expect(names(origins.judge({ isLocal: false, own: two, there: named }))).toEqual([
      "origins.differ",
    ]);
    expect(origins.judge({ isLocal: false, own: named, there: undefined })).toEqual([]);
  });
});

describe("users who are customers", () => {
  it.each<[string, number, string[], string[]]>([
    ["need no key where there are none", 0, [], []],
    ["are known by an elliptic curve's key", 1, ["EC"], []],
    ["are known by an RSA key, beside others", 1, ["oct", "RSA"], []],
    ["are all refused where no public key is shown", 1, [], ["users.no-asymmetric-key"]],
    ["are all refused under a shared secret", 2, ["oct"], ["users.no-asymmetric-key"]],
  ])("%s", (_name, organizations, keyTypes, found) => {
    expect(names(users.judge({ organizations, keyTypes }))).toEqual(found);
  });
});

describe("clocks", () => {
  const together = { here: 1_000, database: 1_000, functions: 1_000, stripe: 1_000 };

  it.each<[string, Partial<typeof together>, string[]]>([
    ["a minute apart", { functions: 1_060, stripe: 940 }, []],
    ["of the functions ahead", { functions: 1_061 }, ["clock.skewed"]],
    ["of the functions behind", { functions: 939 }, ["clock.skewed"]],
    ["of Stripe ahead", { stripe: 1_061 }, ["clock.skewed"]],
    ["of this machine behind", { here: 900 }, ["clock.skewed-here"]],
  ])("%s", (_name, otherwise, found) => {
    expect(names(clock.judge({ ...together, ...otherwise }))).toEqual(found);
  });
});

describe("reconcile", () => {
  it("need not have run where there is no organization yet, and has minutes to come to its end", () => {
    expect(reconcile.judge({ age: undefined, failed: 0, organizations: 0 })).toEqual([]);
    expect(reconcile.judge({ age: 300, failed: 0, organizations: 1 })).toEqual([]);
    expect(names(reconcile.judge({ age: 301, failed: 0, organizations: 1 }))).toEqual([
      "reconcile.late",
    ]);
  });
});

describe("webhooks", () => {
  const url = "https://ref.supabase.co/functions/v1/stripe-webhook";
  const endpoint = {
    url,
    status: "enabled",
    apiVersion: STRIPE_API_VERSION,
    events: ["*"],
    isDeploys: false,
  };
  const good = { url, endpoints: [endpoint], connected: 0, secrets: 1, isForwarded: false };

  it("come from one endpoint where nobody sells on a connected account", () => {
    expect(webhooks.judge(good)).toEqual([]);
    expect(names(webhooks.judge({ ...good, connected: 1 }))).toEqual(["webhooks.connect-missing"]);
  });

  it("of `stripe listen` need no endpoint", () => {
    expect(webhooks.judge({ ...good, endpoints: [], isForwarded: true })).toEqual([]);
    expect(names(webhooks.judge({ ...good, endpoints: [] }))).toEqual(["webhooks.missing"]);
  });

  it("of a disabled endpoint are not asked for their version and their types", () => {
    const off = { ...endpoint, status: "disabled", apiVersion: "2019-01-01", events: [] };
    expect(names(webhooks.judge({ ...good, endpoints: [endpoint, off] }))).toEqual([
      "webhooks.disabled",
    ]);
  });
});

describe("a catalogue", () => {
  it("whose organization is not there was not pushed", () => {
    const none = { file: undefined, missing: undefined, drift: [] };
    expect(catalogue.judge(none)).toEqual([]);
    expect(names(catalogue.judge({ ...none, file: "acme.catalogue.ts", missing: "acme" })))
      .toEqual(["catalogue.not-pushed"]);
  });

  it("tells five of many differences, and how many more there are", () => {
    const drift = ["one", "two", "three", "four", "five", "six", "seven"];
    const [found] = catalogue.judge({ file: "acme.catalogue.ts", missing: undefined, drift });
    expect(found?.sentence).toMatch(/: one; two; three; four; five and 2 more$/);
  });
});

describe("webhook secrets", () => {
  const url = "https://ref.supabase.co/functions/v1/stripe-webhook";
  const endpoint = {
    url,
    status: "enabled",
    apiVersion: STRIPE_API_VERSION,
    events: ["*"],
    isDeploys: false,
  };
  const reading = { url, endpoints: [endpoint], connected: 0, isForwarded: false };

  it("that nobody can read back are not counted", () => {
    expect(webhooks.judge({ ...reading, secrets: undefined })).toEqual([]);
    expect(names(webhooks.judge({ ...reading, secrets: 0 }))).toEqual(["webhooks.secrets"]);
  });

  it("that deploy has stored are not asked of the operator, who has those of endpoints of their own", () => {
    const endpoints = [endpoint, { ...endpoint, isDeploys: true }];
    expect(webhooks.judge({ ...reading, endpoints, secrets: 1 })).toEqual([]);
    expect(names(webhooks.judge({ ...reading, endpoints, secrets: 0 }))).toEqual([
      "webhooks.secrets",
    ]);
  });
});

describe("every finding", () => {
  const all = checks.flatMap(({ findings }) => [...findings.keys()]);
  /** Judged above. */
  const judged = [
    "keys.other-mode-there",
    "origins.any",
    "origins.insecure",
    "clock.skewed",
    "clock.skewed-here",
    "catalogue.not-pushed",
  ];

  it("has a name of its own, and a check too", () => {
    expect(all.length).toBeGreaterThan(25);
    expect(new Set(all).size).toBe(all.length);
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  });

  it("is brought about on a running stack, or judged here", () => {
    const shown = new Set([...breaks.flatMap(({ findings }) => findings), ...judged]);
    expect(all.filter((name) => !shown.has(name))).toEqual([]);
  });
});
