import { describe, expect, it } from "vitest";
import * as z from "zod";
import { environmentGroups } from "../../shared/env.ts";
import { permissionsOf } from "../../stack/functions/permissions.ts";
import { projectFiles, readProjectFile } from "../support/source/project-files.ts";

const versions = z.record(z.string(), z.string());
const manifest = z.object({ dependencies: versions, devDependencies: versions })
  .parse(JSON.parse(readProjectFile("package.json")));
const entry = z.object({
  version: z.string(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  optional: z.boolean().optional(),
  link: z.boolean().optional(),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
  dependencies: versions.optional(),
  devDependencies: versions.optional(),
  optionalDependencies: versions.optional(),
});
const lock = z.object({ lockfileVersion: z.number(), packages: z.record(z.string(), entry) })
  .parse(JSON.parse(readProjectFile("package-lock.json")));
const { "": root, ...packages } = lock.packages;
const installed = Object.entries(packages);
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

  it("knows the hash of every package that is not built for one system alone", () => {
    const bare = installed.filter(([, { integrity, optional, os, cpu }]) =>
      integrity === undefined && !(optional === true && os !== undefined && cpu !== undefined)
    );
    expect(bare).toEqual([]);
    const weak = installed.filter(([, { integrity = "sha512-" }]) =>
      !integrity.startsWith("sha512-")
    );
    expect(weak).toEqual([]);
  });

  // npm writes down the hash of an optional package only where it has fetched it, and it fetches those of its own system.
  it("has the others pinned, to the digit, by a package whose hash it knows", () => {
    const others = installed.filter(([, { integrity }]) => integrity === undefined);
    const loose = others.filter(([path, { version }]) =>
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
    expect(reached.size).toBeGreaterThan(Object.keys(manifest.dependencies).length);
  });
});

describe("the manifests", () => {
  it("name exact versions", () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it("run the same code in Deno as in the tests", () => {
    const { imports } = z.object({ imports: versions })
      .parse(JSON.parse(readProjectFile("deno.json")));
    const pinned = Object.values(imports).map((target) =>
      /^npm:\/?((?:@[^/]+\/)?[^@/]+)@(\d+\.\d+\.\d+)\/?$/.exec(target)?.slice(1, 3) ?? [target]
    );
    expect(Object.fromEntries(pinned)).toEqual(manifest.dependencies);
  });
});

const slugs = projectFiles((path) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(path))
  .map((path) => path.split("/")[2] ?? "");
const secretsOf = (slug: string) => permissionsOf(slug).env;

describe("a function's permissions", () => {
  it.each(slugs)("let %s read what its entry point asks for and nothing else", (slug) => {
    const source = readProjectFile(`supabase/functions/${slug}/index.ts`);
    const asked = /environmentRecord\([^[]*\[([^\]]*)\]/.exec(source)?.[1] ?? "";
    const groups = new Set(Array.from(asked.matchAll(/"(\w+)"/g), (match) => match[1]));
    const names = Object.entries(environmentGroups)
      .flatMap(([group, each]) => groups.has(group) ? each : []);
    expect(secretsOf(slug).toSorted()).toEqual(names.toSorted());
    expect(names).not.toEqual([]);
  });

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
      "session-tokens",
    ]],
    ["CHECKOUT_DIGEST_KEY", ["checkout", "checkout-confirm", "checkout-create", "session-tokens"]],
  ])("show %s to none but those that must have it", (name, allowed) => {
    expect(slugs.filter((slug) => secretsOf(slug).includes(name)).toSorted()).toEqual(allowed);
  });

  it("let the one that mints session tokens, and those that read entitlements, reach no Stripe", () => {
    expect(slugs.filter((slug) => !permissionsOf(slug).stripe).toSorted())
      .toEqual(["entitlements", "features", "session-tokens"]);
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
