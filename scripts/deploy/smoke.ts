import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { jsonOf } from "../json.ts";
import { functionSlugs } from "./function-slugs.ts";
import type { Step } from "./step.ts";

export interface SmokeOptions {
  readonly folder: string;
  /** The project's origin. */
  readonly projectUrl: string;
  /** The project's secret key; undefined where reconcile is not to be called. */
  readonly secretKey: () => Promise<string | undefined>;
  /** The organization's key, where it is known: where it was made a moment ago. */
  readonly organizationKey: () => string | undefined;
}

/** Milliseconds: what was uploaded takes a moment to be what answers. */
const PATIENCE = 30_000;
const BETWEEN = 500;
const TIMEOUT = 30_000;

const refusal = z.object({ error: z.object({ code: z.string(), requestId: z.string() }) });
const token = z.object({ tokenId: z.string(), sessionToken: z.string() });

/**
 * Calls what was deployed as its callers do, and leaves nothing there: each function refuses in its own words a call that it does
 * not know (which a function that does not start cannot), the webhook function one that Stripe has not signed, and reconcile runs
 * once for the project's key. With an organization's key a session token is made, asks for the products, and is revoked.
 */
export function smokeTest(options: SmokeOptions): Step {
  const base = `${options.projectUrl}/functions/v1`;
  return {
    name: "smoke test",
    check:
      async () => [`call ${(await functionSlugs(options.folder)).length} functions at ${base}`],
    async apply(say) {
      for (const slug of await functionSlugs(options.folder)) {
        await patiently(() => answersItself(base, slug));
      }
      say("every function answers");
      await isRefused(`${base}/stripe-webhook`, { method: "POST", body: "{}" });
      await isRefused(`${base}/session-tokens`, { method: "POST", body: "{}" });
      await isRefused(`${base}/checkout-reconcile`, { method: "POST" });
      say("what shows no proof is refused");
      const secretKey = await options.secretKey();
      if (secretKey !== undefined) {
        await succeeds(`${base}/checkout-reconcile`, {
          method: "POST",
          headers: { apikey: secretKey },
        });
        say("reconcile has run");
      }
      const key = options.organizationKey();
      if (key !== undefined) {
        await tokenLives(base, key);
        say("a session token was made, has read the products, and is revoked");
      }
    },
  };
}

async function answersItself(base: string, slug: string): Promise<void> {
  const response = await call(`${base}/${slug}/none/of/its/paths`, {});
  if (!refusal.safeParse(await body(response)).success) {
    throw new Error(
      `function ${slug} does not answer (${response.status}): its log says why, under Edge Functions in the dashboard`,
    );
  }
}

async function isRefused(url: string, init: RequestInit): Promise<void> {
  const response = await call(url, init);
  const answered = refusal.safeParse(await body(response));
  if (response.status !== 401 || !answered.success) {
    throw new Error(`${url} answered ${response.status} to a call without proof, not 401`);
  }
}

async function succeeds(url: string, init: RequestInit): Promise<unknown> {
  const response = await call(url, init);
  const answer = await body(response);
  if (response.ok) return answer;
  const { data } = refusal.safeParse(answer);
  const reason = data === undefined ? "" : `: ${data.error.code}, request ${data.error.requestId}`;
  throw new Error(`${url} answered ${response.status}${reason}`);
}

const bearer = (proof: string) => ({ authorization: `Bearer ${proof}` });

async function tokenLives(base: string, key: string): Promise<void> {
  const made = token.parse(
    await succeeds(`${base}/session-tokens`, {
      method: "POST",
      headers: { ...bearer(key), "content-type": "application/json" },
      body: JSON.stringify({ externalUserId: "deploy-smoke-test" }),
    }),
  );
  try {
    await succeeds(`${base}/products`, { headers: bearer(made.sessionToken) });
  } finally {
    await succeeds(`${base}/session-tokens/${made.tokenId}`, {
      method: "DELETE",
      headers: bearer(key),
    });
  }
}

const call = (url: string, init: RequestInit) =>
  fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT) });

async function body(response: Response): Promise<unknown> {
  const text = await response.text();
  return jsonOf(text) ?? text;
}

async function patiently(run: () => Promise<void>): Promise<void> {
  for (const until = Date.now() + PATIENCE;; await sleep(BETWEEN)) {
    try {
      return await run();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}
