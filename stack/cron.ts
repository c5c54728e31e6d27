import type { StackInfo } from "./types.ts";

/** Milliseconds, as docs/deploy.md schedules it. */
const EVERY = 60_000;

/** Runs reconcile at once and then every minute, as Supabase Cron does; nobody waits for a run, and its log tells what failed. */
export function startCron({ functionsUrl, secretKey }: StackInfo): { stop(): void } {
  const run = () => {
    fetch(`${functionsUrl}/checkout-reconcile`, {
      method: "POST",
      headers: { apikey: secretKey },
    }).then((response) => response.body?.cancel(), () => undefined);
  };
  run();
  const timer = setInterval(run, EVERY);
  return { stop: () => clearInterval(timer) };
}
