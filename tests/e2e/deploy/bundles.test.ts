import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryOf } from "../../../scripts/bundle/bundle.ts";
import { bundledFunctions } from "../../../scripts/bundle/kept.ts";
import { stripeResources } from "../../../scripts/bundle/stripe-resources.ts";
import { functionSlugs } from "../../../scripts/deploy/function-slugs.ts";
import { projectFiles, readProjectFile } from "../../../scripts/source/project-files.ts";
import { importsOf } from "../../../scripts/source/imports.ts";
import { connectStripe } from "../../../shared/stripe/client.ts";
import { projectFolder } from "../../../stack/migrate.ts";
import { type BundledFile, type Bundles, readBundles } from "../../support/bundles.ts";

const slugs = await functionSlugs(projectFolder);
/** What asks Stripe with most calls, and has its package to begin with. */
const withStripe = [
  "checkout",
  "checkout-cancel",
  "checkout-confirm",
  "checkout-create",
  "checkout-reconcile",
  "portal",
  "sdk",
  "stripe-webhook",
];
/** As its package makes it. */
const client = connectStripe({ secretKey: "sk_test_none", apiUrl: undefined });
let own: string;
let bundles: Bundles;

beforeAll(async () => {
  own = await mkdtemp(join(tmpdir(), "billingos bundles "));
  bundles = await readBundles(await bundledFunctions(projectFolder, own));
});
afterAll(() => rm(own, { recursive: true, force: true }));

const importedBy = (path: string) => importsOf(path, readProjectFile(path));
const bytesOf = (files: readonly BundledFile[]) => files.reduce((sum, { bytes }) => sum + bytes, 0);
const sourcesOf = (slug: string, which: "eager" | "all") =>
  bundles.filesOf(slug, which).flatMap(({ sources }) => sources);

describe("a bundled function", () => {
  it.each(slugs)("%s loads no more bytes to begin with than it may", (slug) => {
    const bytes = bytesOf(bundles.filesOf(slug, "eager"));
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(withStripe.includes(slug) ? 465_000 : 200_000);
  });

  it.each(slugs)("%s is far below what the platform takes, with all that it loads late", (slug) => {
    // https://supabase.com/docs/guides/troubleshooting/edge-function-bundle-size-issues: 5 MB.
    expect(bytesOf(bundles.filesOf(slug, "all"))).toBeLessThanOrEqual(605_000);
  });

  it.each<[what: string, pattern: RegExp]>([
    ["Auth's client", /^node_modules\/@supabase\/auth-js\//],
    ["Realtime's client", /^node_modules\/@supabase\/(realtime-js|phoenix)\//],
    ["Storage's client", /^node_modules\/(@supabase\/storage-js|iceberg-js)\//],
    ["a language of zod's other than English", /^node_modules\/zod\/.*\/locales\/(?!en\.js$)/],
    ["an older zod", /^node_modules\/zod\/(?!v4\/)/],
    ["schema of zod's with methods", /^node_modules\/zod\/v4\/classic\//],
    ["Stripe's client for Node", /^node_modules\/stripe\/(cjs|.*node)/i],
    ["list of all that Stripe has", /^node_modules\/stripe\/esm\/resources\.js$/],
    [
      "resource of Stripe's that nobody asks",
      /^node_modules\/stripe\/esm\/resources\/(Treasury|Issuing|V2|Plans)\b/,
    ],
    ["the stack, a test or a command", /^(stack|tests|scripts\/(?!bundle\/supabase-clients))/],
  ])("has no %s in it", (_what, pattern) => {
    const sources = slugs.flatMap((slug) => sourcesOf(slug, "all"));
    expect(sources).toContain("node_modules/@supabase/postgrest-js/dist/index.mjs");
    expect(sources.filter((source) => pattern.test(source))).toEqual([]);
  });

  it("loads late what the sources import late", () => {
    const having = (which: "eager" | "all", pattern: RegExp) =>
      slugs.filter((slug) => sourcesOf(slug, which).some((source) => pattern.test(source)));
    const stripe = /^node_modules\/stripe\//;
    expect(having("eager", stripe)).toEqual(withStripe);
    expect(having("all", stripe))
      .toEqual([...withStripe, "checkout-status", "health", "subscription"].toSorted());
    const writing = /^shared\/database\/checkout-(opening|payment|fulfillment)\.ts$/;
    expect(having("eager", writing)).toEqual(withStripe.filter((slug) => slug !== "portal"));
    const traces = /^shared\/telemetry\/otlp\.ts$/;
    expect([having("eager", traces), having("all", traces)]).toEqual([[], slugs]);
    const description = /^docs\/openapi\.json$/;
    expect([having("eager", description), having("all", description)]).toEqual([[], ["checkout"]]);
  });

  it("has of Stripe's client what the sources name, and makes no other", () => {
    const named = projectFiles((path) => /^shared\/stripe\/.*\.ts$/.test(path))
      .filter((path) => importedBy(path).includes("stripe"))
      .flatMap((path) => readProjectFile(path).match(/(?<=\bstripe\.)\w+(?=\.\w)/g) ?? [])
      .filter((name) => name !== "webhooks" && name in client);
    expect(new Set(named)).toEqual(stripeResources);
  });

  it("reads its variables without a schema, for which its start would wait", () => {
    const known = projectFiles((path) =>
      /^shared\/(runtime|telemetry|compose)\/.*\.ts$/.test(path)
    );
    expect(known).toContain("shared/runtime/environment.ts");
    expect(importedBy("shared/contract/primitives.ts")).toContain("zod/mini");
    expect(known.filter((path) => importedBy(path).some((name) => name?.startsWith("zod"))))
      .toEqual([]);
  });

  it("reaches no client that is left out: one file of the functions knows supabase-js, and takes `rpc` of it", () => {
    const knowing = projectFiles((path) => /^(shared|supabase)\/.*\.ts$/.test(path))
      .filter((path) => importedBy(path).includes("@supabase/supabase-js"));
    expect(knowing).toEqual(["shared/database/client.ts"]);
    // What else it would use, the compiler refuses.
    expect(readProjectFile("shared/database/client.ts"))
      .toMatch(/const client: Pick<SupabaseClient<Database, "billing">, "rpc"> =\s+createClient/);
  });
});

describe("bundles that are kept", () => {
  let project: string;
  const write = (path: string, text: string) => writeFile(join(project, path), text);
  const entry = async () => {
    const folder = await bundledFunctions(project, own);
    return { folder, text: await readFile(join(folder, entryOf("hello")), "utf8") };
  };

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "billingos project "));
    await mkdir(join(project, "supabase", "functions", "hello"), { recursive: true });
    await write("supabase/config.toml", "");
    await write("supabase/functions/hello/index.ts", "export default { one: true };");
  });
  afterAll(() => rm(project, { recursive: true, force: true }));

  it("are made once where several ask for them at a time, and nothing unfinished is left", async () => {
    const all = await Promise.all(Array.from({ length: 4 }, entry));
    expect(new Set(all.map(({ folder }) => folder)).size).toBe(1);
    expect(all.map(({ text }) => text.includes("one:"))).toEqual([true, true, true, true]);
    const { folder = "" } = all[0] ?? {};
    const beside = await readdir(dirname(folder));
    expect(beside.filter((name) => name.startsWith(`${folder.slice(dirname(folder).length + 1)}-`)))
      .toEqual([]);
  });

  it("are others once a source has changed, and the same again once it is as before", async () => {
    const before = await entry();
    await write("supabase/functions/hello/index.ts", "export default { two: true };");
    const after = await entry();
    expect(after.text).toContain("two:");
    await write("supabase/functions/hello/index.ts", "export default { one: true };");
    expect(await entry()).toEqual(before);
  });

  it("are none where a source is wrong, which is told by its place", async () => {
    await write("supabase/functions/hello/index.ts", "export default {\n  three: ;\n};");
    await expect(entry()).rejects.toThrow(/functions\/hello\/index\.ts:2:9/);
  });
});
