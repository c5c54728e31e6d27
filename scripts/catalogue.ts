// `npm run catalogue -- plan|push|pull|check`: what an organization sells, from a file to the database and Stripe and back.
import { writeFile } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import Stripe from "stripe";
import { type Catalogue, CatalogueError, readCatalogue } from "../catalogue/define.ts";
import { due } from "../catalogue/plan/plan.ts";
import { render } from "../catalogue/plan/render.ts";
import { findOrganization } from "../catalogue/database/read.ts";
import { catalogueOf } from "../catalogue/pull/catalogue-of.ts";
import { organizationOf } from "../catalogue/pull/organization-of.ts";
import { readShop } from "../catalogue/pull/shop.ts";
import { sourceOf } from "../catalogue/pull/source.ts";
import { grantsChange } from "../catalogue/plan/step.ts";
import { compare, type Place, push } from "../catalogue/push.ts";
import { connectStripe } from "../shared/stripe/client.ts";
import { CATALOGUE_FILE, exists, loadCatalogue } from "./catalogue/load.ts";
import {
  argumentsOf,
  command,
  onDatabase,
  runIfMain,
  type Terminal,
  UsageError,
} from "./operator.ts";
import { stripeKey } from "./stripe/operator-stripe.ts";

const usage = `usage: npm run catalogue -- <command> [--file <path>] [--database <url>] [--json]

  plan       shows what a push would change, in the database and at Stripe
  push       makes both what the file says; what is changed by hand meanwhile is changed back
  check      as plan; exit code 1 if a push would change anything
  pull --organization <key> [--account <acct_…>] [--force]
             writes the file from what a Stripe account sells, with the organization's settings where the database is named
             and has it; --force overwrites one that is there

The file is billing.catalogue.ts unless --file names another. The database is --database or DATABASE_URL, as the role
postgres; Stripe is that of STRIPE_SECRET_KEY. What cannot be used is told in a sentence, with exit code 2: nothing was done.`;

const verbs = ["plan", "push", "check", "pull"] as const;

const projectFolder = fileURLToPath(new URL("..", import.meta.url));

export const catalogue = command(usage, async (terminal) => {
  try {
    return await run(terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`${error.message}\n\n${usage}`);
      return 2;
    }
    const sentences = sentencesOf(error);
    if (sentences === undefined) throw error;
    for (const sentence of sentences) terminal.err(sentence);
    return 2;
  }
});

async function run(terminal: Terminal): Promise<number> {
  const { values, positionals: [word, ...rest] } = argumentsOf(terminal, {
    allowPositionals: true,
    options: {
      file: { type: "string", default: CATALOGUE_FILE },
      database: { type: "string" },
      organization: { type: "string" },
      account: { type: "string" },
      force: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const verb = verbs.find((one) => one === word);
  if (verb === undefined) throw new UsageError("which command?");
  if (rest.length > 0) throw new UsageError("more arguments than the command takes");
  const isPull = verb === "pull";
  if (
    !isPull && (values.organization !== undefined || values.account !== undefined || values.force)
  ) {
    throw new UsageError(
      `--organization, --account and --force are for pull; ${verb} reads the file`,
    );
  }
  const { stripe, livemode } = stripeOf(terminal);
  const file = resolve(values.file);
  if (isPull) return pull(terminal, stripe, file, values);
  const wanted = await loadCatalogue(file, values.file);
  return onDatabase(terminal, values.database, async (client) => {
    const progress = (line: string) => terminal.err(line);
    const place: Place = { client, stripe, livemode, progress };
    if (verb === "push") return pushed(terminal, place, wanted, values.json);
    const { plan } = await compare(place, wanted);
    terminal.out(values.json ? JSON.stringify(plan.steps) : render(plan.steps).join("\n"));
    return verb === "check" && due(plan).length > 0 ? 1 : 0;
  });
}

async function pushed(
  { out, err }: Terminal,
  place: Place,
  wanted: Catalogue,
  json: boolean,
): Promise<number> {
  const { done, left } = await push(place, wanted);
  out(json ? JSON.stringify({ done, left }) : render([...done, ...left]).join("\n"));
  if (grantsChange(done)) {
    err(
      "features of products have changed: npm run grants -- rebuild shows whom it concerns, --apply grants them",
    );
  }
  return 0;
}

/** Stripe's client for the key in the environment. */
function stripeOf(terminal: Terminal): { readonly stripe: Stripe; readonly livemode: boolean } {
  const { livemode, ...key } = stripeKey(terminal);
  return { stripe: connectStripe(key), livemode };
}

async function pull(
  terminal: Terminal,
  stripe: Stripe,
  file: string,
  values: {
    readonly organization?: string | undefined;
    readonly database?: string | undefined;
    readonly account?: string | undefined;
    readonly force: boolean;
    readonly file: string;
  },
): Promise<number> {
  const { out, err } = terminal;
  const { organization: key } = values;
  if (key === undefined) {
    throw new CatalogueError(["--organization: say what the organization is called, such as acme"]);
  }
  readCatalogue({ organization: { key, name: key, stripeAccount: values.account ?? null } });
  if (!values.force && await exists(file)) {
    throw new CatalogueError([
      `--file: ${values.file} is there already: name another, or overwrite it with --force`,
    ]);
  }
  const isNamed = (values.database ?? terminal.env["DATABASE_URL"]) !== undefined;
  const there = isNamed
    ? await onDatabase(terminal, values.database, (client) => findOrganization(client, key))
    : null;
  const organization = organizationOf(key, there, values.account);
  const shop = await readShop(stripe, organization.stripeAccount ?? null, err);
  const { catalogue: pulled, left } = catalogueOf(shop, organization);
  const path = relative(dirname(file), resolve(projectFolder, "catalogue/index.ts"))
    .split(sep).join("/");
  const text = sourceOf(pulled, path.startsWith(".") ? path : `./${path}`);
  // Written to the end or not at all, and over nothing that has come in between.
  await writeFile(file, text, { flag: values.force ? "w" : "wx" });
  for (const sentence of left) err(`left out: ${sentence}`);
  out(`${values.file}: ${Object.keys(pulled.products ?? {}).length} products; read it, then plan`);
  return 0;
}

/** What the operator can mend, told as a sentence; undefined for all else. */
function sentencesOf(error: unknown): readonly string[] | undefined {
  if (error instanceof CatalogueError) return error.sentences;
  if (error instanceof Stripe.errors.StripeAuthenticationError) {
    return ["STRIPE_SECRET_KEY: Stripe does not know this key: make one in Stripe's dashboard"];
  }
  if (error instanceof Stripe.errors.StripePermissionError) {
    return [
      `STRIPE_SECRET_KEY: Stripe does not let this key do that (${error.message}): ` +
      "it reads and writes products, prices and coupons, on the account of organization.stripeAccount if there is one",
    ];
  }
  return undefined;
}

await runIfMain(import.meta.url, catalogue);
