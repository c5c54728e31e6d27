import { randomBytes } from "node:crypto";
import { settled } from "../boot.ts";
import { openRunFolder } from "../process/run-folder.ts";
import { startFunctions } from "./index.ts";

const random = () => randomBytes(32).toString("base64url");

/**
 * Starts every function of a project with settings of the right form that lead nowhere, and asks each for what it does not know.
 *
 * @param program another Deno than the installed one
 * @returns the slugs of all, which have answered in their own words
 * @throws with the log of one that does not start, or what another answers
 */
export async function bootFunctions(
  { workdir, program }: { readonly workdir: string; readonly program?: string },
): Promise<readonly string[]> {
  const folder = await openRunFolder();
  try {
    const functions = await startFunctions({
      workdir,
      folder,
      hosts: ["127.0.0.1:9"],
      restart: false,
      ...(program === undefined ? {} : { program }),
      env: {
        SUPABASE_URL: "http://127.0.0.1:9",
        SUPABASE_SECRET_KEYS: JSON.stringify({ default: "sb_secret_none" }),
        STRIPE_SECRET_KEY: "sk_test_none",
        STRIPE_PUBLISHABLE_KEY: "pk_test_none",
        STRIPE_API_URL: "http://127.0.0.1:9",
        STRIPE_WEBHOOK_SECRETS: "whsec_none",
        CHECKOUT_TOKEN_KEYS: JSON.stringify({ keys: [{ kty: "oct", kid: "1", k: random() }] }),
        CHECKOUT_DIGEST_KEY: random(),
        CHECKOUT_ALLOWED_ORIGINS: "*",
        CHECKOUT_ADDRESS_HEADER: "x-forwarded-for",
      },
    });
    try {
      const answered: string[] = [];
      await settled(...functions.slugs.map((slug) => functions.restart(slug)));
      for (const slug of functions.slugs) {
        const port = await functions.find(slug)?.port();
        const response = await fetch(`http://127.0.0.1:${port}/${slug}/none/of/its/paths`);
        const text = await response.text();
        if (!/"requestId":"req_/.test(text)) {
          throw new Error(`function ${slug} answers ${response.status} ${text.slice(0, 200)}`);
        }
        answered.push(slug);
      }
      return answered;
    } finally {
      await functions.stop();
    }
  } finally {
    await folder.remove();
  }
}
