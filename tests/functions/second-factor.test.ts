import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { nodeTransport } from "../../stack/realtime/node-transport.ts";
import { totpAt } from "../../stack/auth/totp.ts";
import { openShop, type Shop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

// A member with an authenticator app, through the real supabase-js and the real PostgREST: what the password alone opens, and what the
// code does (https://supabase.com/docs/guides/auth/auth-mfa/totp).

let shop: Shop;
beforeAll(async () => {
  shop = await openShop(stack());
});
afterAll(() => shop.close());

const browser = () =>
  createClient(stack().apiUrl, stack().publishableKey, {
    db: { schema: "billing" },
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: nodeTransport },
  });
type Browser = ReturnType<typeof browser>;

const code = (secret: string) => totpAt(secret, Date.now() / 1000);
const reads = async (one: Browser) => (await one.from("organizations").select("id")).data;

let credentials: { email: string; password: string };
let member: Browser;
beforeEach(async () => {
  credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
  member = browser();
  const { data } = await member.auth.signUp(credentials);
  await shop.query("insert into billing.organization_members values ($1, $2)", [
    shop.organizationId,
    data.user?.id,
  ]);
});

async function enrolled(one: Browser) {
  const { data, error } = await one.auth.mfa.enroll({
    factorType: "totp",
    friendlyName: randomUUID(),
  });
  if (error !== null) throw error;
  return { factorId: data.id, secret: data.totp.secret };
}

async function withFactor(one: Browser) {
  const { factorId, secret } = await enrolled(one);
  const { error } = await one.auth.mfa.challengeAndVerify({ factorId, code: code(secret) });
  expect(error).toBeNull();
  return { factorId, secret };
}

async function byPassword(): Promise<Browser> {
  const one = browser();
  const { error } = await one.auth.signInWithPassword(credentials);
  expect(error).toBeNull();
  return one;
}

const own = () => [{ id: shop.organizationId }];

describe("a member's authenticator app", () => {
  it("asks for nothing before its first code was right", async () => {
    await enrolled(member);
    expect(await reads(member)).toEqual(own());
    expect(await reads(await byPassword())).toEqual(own());
  });

  it("keeps out whoever has the password alone, and lets in whoever has its code", async () => {
    const { factorId, secret } = await withFactor(member);
    expect(await reads(member)).toEqual(own());
    const one = await byPassword();
    expect(await reads(one)).toEqual([]);
    expect((await one.auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({
      currentLevel: "aal1",
      nextLevel: "aal2",
    });
    const { error } = await one.auth.mfa.challengeAndVerify({ factorId, code: "000000" });
    expect(error).toMatchObject({ code: "mfa_verification_failed" });
    expect(await reads(one)).toEqual([]);
    await one.auth.mfa.challengeAndVerify({ factorId, code: code(secret) });
    expect(await reads(one)).toEqual(own());
    await one.auth.refreshSession();
    expect(await reads(one)).toEqual(own());
  });

  it("ends the sign-ins that had no need of it, once it is set up", async () => {
    const before = await byPassword();
    expect(await reads(before)).toEqual(own());
    await withFactor(member);
    expect(await reads(before)).toEqual([]);
  });

  it("is neither removed nor joined by another with the password alone", async () => {
    const { factorId } = await withFactor(member);
    const one = await byPassword();
    expect((await one.auth.mfa.unenroll({ factorId })).error)
      .toMatchObject({ code: "insufficient_aal" });
    expect((await one.auth.mfa.enroll({ factorType: "totp", friendlyName: "another" })).error)
      .toMatchObject({ code: "insufficient_aal" });
    expect((await member.auth.mfa.unenroll({ factorId })).error).toBeNull();
    expect(await reads(await byPassword())).toEqual(own());
  });

  it("meets a challenge once, and none of another's", async () => {
    const { factorId, secret } = await withFactor(member);
    const one = await byPassword();
    const { data } = await one.auth.mfa.challenge({ factorId });
    const met = { factorId, challengeId: data?.id ?? "", code: code(secret) };
    expect((await one.auth.mfa.verify(met)).error).toBeNull();
    expect((await one.auth.mfa.verify(met)).error).toMatchObject({ status: 422 });
    const other = browser();
    await other.auth.signUp({ email: `${randomUUID()}@example.com`, password: randomUUID() });
    expect((await other.auth.mfa.challenge({ factorId })).error).toMatchObject({ status: 404 });
  });
});
