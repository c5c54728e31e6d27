import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { BrowserContext } from "playwright-core";

/** Answers in the place of Stripe's own address with the stand-in for Stripe.js, which asks this server. */
export async function serveStripeJs(context: BrowserContext, stripeUrl: string): Promise<void> {
  const { outputFiles: [file] } = await build({
    entryPoints: [fileURLToPath(new URL("./stripe.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    define: { STRIPE_URL: JSON.stringify(stripeUrl) },
  });
  await context.route(
    "https://js.stripe.com/**",
    (route) => route.fulfill({ body: file?.text ?? "", contentType: "text/javascript" }),
  );
}
