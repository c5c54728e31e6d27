import type { Proof } from "../../../shared/contract/operations.ts";
import type { JsonSchema } from "./json-schema.ts";

export const securitySchemes: Readonly<Record<string, JsonSchema>> = {
  sessionToken: {
    type: "http",
    scheme: "bearer",
    description: "A session token `bos_session_…`, which the merchant's server makes for its user.",
  },
  userToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "The access token of a user whom the project's Supabase Auth has signed in, where the organization takes those.",
  },
  organizationKey: {
    type: "http",
    scheme: "bearer",
    description: "The organization's secret key `sk_test_…` or `sk_live_…`. For servers alone.",
  },
  projectKey: {
    type: "http",
    scheme: "bearer",
    description: "The project's secret key `sb_secret_…`. For operators alone.",
  },
  projectApiKey: {
    type: "apiKey",
    in: "header",
    name: "apikey",
    description: "The same in the header that supabase-js sends.",
  },
  stripeSignature: {
    type: "apiKey",
    in: "header",
    name: "Stripe-Signature",
    description:
      "Stripe's signature over the raw body: https://docs.stripe.com/webhooks#verify-official-libraries",
  },
};

type Requirement = Readonly<Record<string, readonly string[]>>;

const customer: readonly Requirement[] = [{ sessionToken: [] }, { userToken: [] }];
const project: readonly Requirement[] = [{ projectKey: [] }, { projectApiKey: [] }];
/** No header is the proof. */
const nobody: readonly Requirement[] = [{}];

/** Any one of them is enough. */
export const securityOf: Readonly<Record<Proof, readonly Requirement[]>> = {
  organization: [{ organizationKey: [] }],
  customer,
  customerIfAny: [...nobody, ...customer],
  client_secret: nobody,
  // The secret in the body is the proof, or where nothing is due the owner's token.
  client_secret_or_customer: [...nobody, ...customer],
  project,
  projectIfDeep: [...nobody, ...project],
  stripe: [{ stripeSignature: [] }],
  none: nobody,
};
