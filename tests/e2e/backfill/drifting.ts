import { afterAll } from "vitest";
import * as z from "zod";
import { backfill } from "../../../scripts/backfill.ts";
import { CommandFailed, runCommand } from "../../support/command.ts";
import type { Shop } from "../../support/shop.ts";
import type { ShopStack } from "../../support/shop-stack.ts";

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const report = z.object({
  applied: z.boolean(),
  accounts: z.number(),
  counts: z.record(z.string(), z.number()),
  repaired: z.number(),
  givenBack: z.number(),
  left: z.number(),
  resumed: z.array(z.object({
    account: z.string().nullable(),
    stage: z.string(),
    left: z.number(),
  })),
  findings: z.array(z.object({
    kind: z.string(),
    stripeId: z.string(),
    problem: z.string(),
    account: z.string().nullable(),
    repaired: z.boolean().optional(),
    givenBack: z.boolean().optional(),
    fields: z.array(z.object({ field: z.string(), here: value, atStripe: value })).optional(),
  })),
});

/** The report of a run, whatever it ended with: 0 or 1. */
export async function reportOf(env: Readonly<Record<string, string>>, argv: readonly string[]) {
  const said = await runCommand(backfill, env, ["--json", ...argv])
    .then(({ stdout }) => ({ code: 0, stdout }), (error: unknown) => {
      if (error instanceof CommandFailed && error.code === 1) return error;
      throw error;
    });
  const read = report.parse(JSON.parse(said.stdout));
  // What other tests have sold at Stripe on this account, past the checkout, is somebody else's here.
  const ours = read.findings.filter(({ problem }) => problem !== "foreign");
  return { code: said.code, ...read, ours };
}

/** How a test makes rows and Stripe differ, and what it types. */
export function drifting(stack: ShopStack, shop: Shop) {
  const env = {
    DATABASE_URL: stack.databaseUrl,
    STRIPE_SECRET_KEY: stack.stripeSecretKey,
    STRIPE_API_URL: stack.stripeUrl,
  };
  const yesterday = new Date(Date.now() - 86_400_000).toISOString();
  const argv = (...more: string[]) => [
    "--since",
    yesterday,
    "--organization",
    shop.organizationId,
    ...more,
  ];
  afterAll(() => shop.admin("DELETE", "/faults"));

  return {
    env,
    argv,
    since: yesterday,
    run: (...more: string[]) => runCommand(backfill, env, argv(...more)),

    report: (...more: string[]) => reportOf(env, argv(...more)),

    /** Does something about which no event comes. */
    unheard: async (act: () => Promise<unknown>): Promise<void> => {
      await shop.idle();
      await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
      try {
        await act();
        await shop.idle();
      } finally {
        await shop.admin("DELETE", "/faults");
      }
    },

    /** What Stripe was asked since `act` began. */
    asked: async (
      act: () => Promise<unknown>,
    ): Promise<readonly { method: string; path: string; at: number }[]> => {
      await shop.idle();
      await shop.admin("DELETE", "/exchanges");
      await act();
      const exchanges = z.array(z.object({
        kind: z.string(),
        method: z.string().optional(),
        path: z.string().optional(),
        at: z.number(),
      })).parse(await shop.admin("GET", "/exchanges"));
      return exchanges.flatMap(({ kind, method, path, at }) =>
        kind === "api" && method !== undefined && path !== undefined ? [{ method, path, at }] : []
      );
    },
  };
}
