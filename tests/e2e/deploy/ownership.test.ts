import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { digestKeyIsTheSame, newDigestKey } from "../../../scripts/deploy/digest-key.ts";
import { namesAreFree, ownership } from "../../../scripts/deploy/ownership.ts";
import { functionSecrets } from "../../../scripts/deploy/secrets.ts";
import type { Step } from "../../../scripts/deploy/step.ts";
import { digestKeyOf } from "../../../scripts/keys/digest-key.ts";
import { createOrganizationKey } from "../../../scripts/keys/organization-key.ts";
import { type AppProject, startAppProject } from "../../support/app-project.ts";

let project: AppProject;

beforeAll(async () => {
  project = await startAppProject();
});
afterAll(() => project.close());
beforeEach(async () => {
  project.api.secrets.clear();
  await project.owner.query("delete from billing.deployed_names");
});

const run = (step: Step) => step.apply(() => undefined);
const setAll = async () => {
  await run(ownership(project.context()));
  await run(functionSecrets(project.context()));
};

it("of a secret that is no longer given is a deploy's, which unsets it", async () => {
  project.env["CHECKOUT_ADDRESS_HEADER"] = "x-real-ip";
  await setAll();
  expect(project.api.secrets.get("CHECKOUT_ADDRESS_HEADER")).toBe("x-real-ip");
  delete project.env["CHECKOUT_ADDRESS_HEADER"];
  expect(await functionSecrets(project.context()).check()).toEqual([
    "unset CHECKOUT_ADDRESS_HEADER, which is no longer given",
  ]);
  await setAll();
  expect(project.api.secrets.has("CHECKOUT_ADDRESS_HEADER")).toBe(false);
  expect(await functionSecrets(project.context()).check()).toEqual([]);
});

it("of a secret that an app has set is the app's, and no deploy unsets it", async () => {
  project.api.secrets.set("CHECKOUT_ADDRESS_HEADER", "x-of-the-app");
  await setAll();
  expect(project.api.secrets.get("CHECKOUT_ADDRESS_HEADER")).toBe("x-of-the-app");
});

it("of a secret is written down before it is set, so that a run that dies in between is no stranger to the next", async () => {
  await run(ownership(project.context()));
  project.api.secrets.set("STRIPE_SECRET_KEY", "sk_test_half");
  await expect(namesAreFree(project.context())).resolves.toBeUndefined();
});

it("of the organization keys passes to a digest key that was replaced on purpose, and the old one is refused from then on", async () => {
  const { rows: [row] } = await project.owner.query<{ id: string }>(
    "insert into billing.organizations (name) values ('Example') returning id",
  );
  const wanted = { organizationId: row?.id ?? "", name: "one", livemode: false };
  await createOrganizationKey(project.owner, digestKeyOf(project.env), wanted);
  const old = project.context();
  project.env["CHECKOUT_DIGEST_KEY"] = randomBytes(32).toString("base64url");
  await expect(digestKeyIsTheSame(project.context())).rejects.toThrow(/^CHECKOUT_DIGEST_KEY: /);
  await run(newDigestKey(project.context()));
  await digestKeyIsTheSame(project.context());
  await expect(digestKeyIsTheSame(old)).rejects.toThrow(/^CHECKOUT_DIGEST_KEY: /);
  expect(await createOrganizationKey(project.owner, digestKeyOf(project.env), wanted))
    .toBeDefined();
});
