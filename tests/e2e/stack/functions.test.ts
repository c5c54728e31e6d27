import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { type Functions, startFunctions } from "../../../stack/functions/index.ts";
import { openRunFolder, type RunFolder } from "../../../stack/process/run-folder.ts";

/** Tries what a function must not be able to do, and answers with the names of what succeeded. */
const probe = `
const attempts = {
  "reads a file": () => Deno.readTextFile("/etc/hosts"),
  "writes a file": () => Deno.writeTextFile("/tmp/probe", ""),
  "starts a program": () => new Deno.Command("/bin/true").output(),
  "reads another variable": () => { if (Deno.env.get("HOME") !== undefined) return; throw 0; },
  "lists the variables": () => Deno.env.toObject(),
  "reaches another host": () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
  "reads its own variable": () => { if (Deno.env.get("OWN") !== "yes") throw 0; },
};
export default {
  async fetch(request) {
    if (request.url.endsWith("/exit")) Deno.exit(1);
    const done = [];
    for (const [name, attempt] of Object.entries(attempts)) {
      try { await attempt(); done.push(name); } catch (error) {
        if (error?.name !== "NotCapable" && error !== 0) done.push(name + ": " + error);
      }
    }
    return Response.json(done);
  },
};`;

let workdir: string;
let folder: RunFolder;
let functions: Functions;
const lines: string[] = [];

const options = () => ({ folder, workdir, env: { OWN: "yes" }, hosts: ["127.0.0.1:1"] });

beforeAll(async () => {
  workdir = await mkdtemp(join(tmpdir(), "billingos project "));
  await mkdir(join(workdir, "supabase", "functions", "probe"), { recursive: true });
  await writeFile(join(workdir, "deno.json"), "{}");
  await writeFile(join(workdir, "supabase", "config.toml"), "");
  await writeFile(join(workdir, "supabase", "functions", "probe", "index.ts"), probe);
  folder = await openRunFolder();
  functions = await startFunctions({ ...options(), onLine: (_, line) => lines.push(line) });
});
afterAll(async () => {
  await functions.stop();
  await folder.remove();
  await rm(workdir, { recursive: true });
});

const port = () => functions.find("probe")?.port();
const call = async (path = "") => fetch(`http://127.0.0.1:${await port()}/probe${path}`);

it("no function runs before it is asked for", async () => {
  expect(lines).toEqual([]);
  expect((await call()).status).toBe(200);
  expect(lines.join("\n")).toContain("Listening on");
});

it("a function can read its own variables, and nothing else of the machine", async () => {
  const done = z.array(z.string()).parse(await (await call()).json());
  expect(done).toEqual(["reads its own variable"]);
});

it("a function that ends on its own is up again, and the log says that it ended", async () => {
  const before = await port();
  await expect(call("/exit")).rejects.toThrow("fetch failed");
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(50)) {
    const now = await port();
    if (now !== undefined && now !== before) break;
  }
  expect((await call()).status).toBe(200);
  expect(lines).toContain("the process ended (code 1)");
});

it("a function that was killed stays down until it is started again", async () => {
  await functions.kill("probe");
  // That nothing happens has no sign; one that ends on its own is up again sooner.
  await sleep(500);
  expect(await port()).toBeUndefined();
  await functions.restart("probe");
  expect((await call()).status).toBe(200);
});

it("what is not there cannot be killed", async () => {
  expect(functions.find("nothing")).toBeUndefined();
  await expect(async () => functions.kill("nothing")).rejects.toThrow("no function nothing");
});

it("a function that does not start is down, is named with what it said, and is tried again with the next request", async () => {
  const file = join(workdir, "supabase", "functions", "broken", "index.ts");
  await mkdir(join(file, ".."));
  await writeFile(file, `throw new Error("out of order");`);
  const said: string[] = [];
  const all = await startFunctions({ ...options(), onLine: (_, line) => said.push(line) });
  const broken = all.find("broken");
  expect(await broken?.port()).toBeUndefined();
  // At the place in the source, and not in the bundle of it.
  expect(said.join("\n")).toMatch(/function broken ended[^]*out of order[^]*broken\/index\.ts:1:7/);
  await expect(all.restart("broken")).rejects.toThrow(/function broken ended[^]*out of order/);
  await all.stop();

  const mended = await startFunctions(options());
  const again = mended.find("broken");
  expect(await again?.port()).toBeUndefined();
  await writeFile(file, probe);
  expect(await again?.port()).toBeTypeOf("number");
  await mended.stop();
});
