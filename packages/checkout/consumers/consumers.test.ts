import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type AppFolder, openApps } from "./app-folder.ts";

const apps: AppFolder = await openApps();
afterAll(() => apps.remove());

/** The JavaScript of a folder, by name. */
async function scripts(...path: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(apps.file(...path), { recursive: true });
  const read = files.filter((name) => name.endsWith(".js")).map(async (name) =>
    [name, await readFile(apps.file(...path, name), "utf8")] as const
  );
  return new Map(await Promise.all(read));
}

describe("the tarball", () => {
  it("holds what was built, each part with its types, and no source", () => {
    for (const name of ["index", "react", "server"]) {
      expect(apps.packed).toEqual(
        expect.arrayContaining([`${name}.js`, `${name}.js.map`, `${name}.d.ts`]),
      );
    }
    expect(apps.packed).toEqual(
      expect.arrayContaining(["package.json", "README.md", "LICENSE", "react.css"]),
    );
    expect(apps.packed.filter((name) => !/\.(js|js\.map|d\.ts|css|md|json)$|^LICENSE$/.test(name)))
      .toEqual([]);
  });

  it("imports nothing that leads out of it, but for its peers and the types of zod", async () => {
    const names = new Set<string>();
    for (const file of apps.packed.filter((name) => /\.(js|d\.ts)$/.test(name))) {
      const text = await readFile(join(apps.installed, file), "utf8");
      for (const [, name = ""] of text.matchAll(/\bfrom\s*"([^"]+)"|\bimport\("([^"]+)"\)/g)) {
        // Declarations name what they declare.
        const target = file.endsWith(".d.ts") ? name.replace(/\.js$/, ".d.ts") : name;
        if (name.startsWith("./")) await access(join(apps.installed, target));
        else names.add(name);
      }
    }
    expect([...names].toSorted((a, b) => a < b ? -1 : 1)).toEqual([
      "@supabase/supabase-js",
      "@tanstack/react-query",
      "react",
      "react/jsx-runtime",
      "zod/mini",
    ]);
  });
});

/** This project's, which takes a tenth of the time. Next.js brings its own to bear. */
const compiler = fileURLToPath(new URL("../../../node_modules/.bin/tsc", import.meta.url));
const answered = { sessionToken: "token", refused: "session_not_found" };

describe("in Node", () => {
  it("a program calls by the client and by the server's part", async () => {
    expect(JSON.parse(await apps.run("node", "node", "app.mjs"))).toEqual(answered);
  });

  it("a tool reads the package's manifest", async () => {
    const name = await apps.run(
      "node",
      "node",
      "-p",
      `require("@billingos/checkout/package.json").name`,
    );
    expect(name.trim()).toBe("@billingos/checkout");
  });

  it("a compiler knows every type, and refuses what is not one", async () => {
    expect(await apps.run("node", compiler, "-p", ".")).toBe("");
  });

  it("a compiler that checks libraries has nothing against the package's declarations", async () => {
    // Others' have faults of their own.
    const told = await apps.run("node", compiler, "-p", ".", "--skipLibCheck", "false")
      .catch((error: unknown) => String(error));
    expect(told).not.toMatch(/@billingos|types\.mts/);
  });
});

describe("in Deno", () => {
  it("a function passes the check", async () => {
    await expect(apps.run("deno", "deno", "check", "app.ts")).resolves.toBeDefined();
  });

  it("a function calls by the client and by the server's part", async () => {
    const printed = await apps.run("deno", "deno", "run", "--allow-net=127.0.0.1", "app.ts");
    expect(JSON.parse(printed)).toEqual(answered);
  });
});

describe("in Vite", () => {
  it("a page with every component is typed and built, and carries no schema", async () => {
    await apps.run("vite", compiler, "-p", ".");
    await apps.run("vite", "vite", "build", "--logLevel", "error");
    const built = [...(await scripts("vite", "dist")).values()].join("");
    expect(built).toContain("bos-sheet");
    expect(built).not.toContain("ZodObject");
    const styles = (await readdir(apps.file("vite", "dist", "assets"))).filter((name) =>
      name.endsWith(".css")
    );
    expect(styles).toHaveLength(1);
  });

  it("a page that needs one name carries little more", async () => {
    await apps.run("vite", "node", "small.mjs");
    const [[, small = ""] = []] = await scripts("vite", "small");
    expect(small).toContain("CheckoutError");
    expect(gzipSync(small).length).toBeLessThan(1_200);
    expect(small).not.toContain("checkout-create");
  });
});

const routes = z.record(z.string(), z.string());

const packageFile = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()).default({}),
});
const wantedBy = async (...path: readonly string[]) => {
  const { dependencies, devDependencies } = packageFile.parse(
    JSON.parse(await readFile(apps.file(...path, "package.json"), "utf8")),
  );
  return { ...dependencies, ...devDependencies };
};

describe("in Next.js, where the app is examples/next,", () => {
  it("the example asks for what is installed here", async () => {
    const { "@billingos/checkout": ours, ...others } = await wantedBy("next");
    expect(ours).toBe("file:../../packages/checkout/dist");
    expect(await wantedBy()).toMatchObject(others);
  });

  it("a page with the components and a route with the server's part are typed and built", async () => {
    await apps.run("next", "next", "build");
    const manifest = await readFile(
      apps.file("next", ".next", "server", "app-paths-manifest.json"),
      "utf8",
    );
    expect(Object.keys(routes.parse(JSON.parse(manifest)))).toEqual(
      expect.arrayContaining(["/page", "/api/session-token/route"]),
    );
    const page = await readFile(apps.file("next", ".next", "server", "app", "index.html"), "utf8");
    expect(page).toContain("Plans");
    // Nothing of the server's part is in what the browser loads.
    const loaded = [...(await scripts("next", ".next", "static")).values()].join("");
    expect(loaded).toContain("bos-sheet");
    expect(loaded).toContain("https://example.supabase.co");
    expect(loaded).not.toContain("holds a secret key");
  });
});
