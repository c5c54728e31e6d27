import { expect, it } from "vitest";
import { withoutSecrets } from "../../../../shared/stripe/webhook.ts";

const url =
  "https://hooks.stripe.com/redirect/authenticate/src_1?client_secret=src_client_secret_hunter2";
it.each([
  ["where the bank is asked, for Stripe.js", {
    next_action: {
      type: "use_stripe_sdk",
      use_stripe_sdk: { type: "three_d_secure_redirect", stripe_js: url },
    },
  }],
  ["where the bank is asked, as a redirect", {
    next_action: { type: "redirect_to_url", redirect_to_url: { url, return_url: null } },
  }],
  ["in any text", { note: "pi_3NabcDEF_secret_hunter2" }],
])("an event as it is kept has no client secret: %s", (_where, object) => {
  expect(JSON.stringify(withoutSecrets({ data: { object } }))).not.toContain("hunter2");
});
