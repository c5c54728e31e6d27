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

beforeAll(async () => {
  workdir = await mkdtemp(join(tmpdir(), "billingos project "));
  await mkdir(join(workdir, "supabase", "functions", "probe"), { recursive: true });
  await writeFile(join(workdir, "deno.json"), "{}");
  await writeFile(join(workdir, "supabase", "config.toml"), "");
  await writeFile(join(workdir, "supabase", "functions", "probe", "index.ts"), probe);
  folder = await openRunFolder();
  functions = await startFunctions({
    folder,
    workdir,
    env: { OWN: "yes" },
    hosts: ["127.0.0.1:1"],
    onLine: (_, line) => lines.push(line),
  });
});
afterAll(async () => {
  await functions.stop();
  await folder.remove();
  await rm(workdir, { recursive: true });
});

const call = (path = "") => fetch(`http://127.0.0.1:${functions.find("probe")?.port}/probe${path}`);

it("a function can read its own variables, and nothing else of the machine", async () => {
  const done = z.array(z.string()).parse(await (await call()).json());
  expect(done).toEqual(["reads its own variable"]);
});

it("a function that ends on its own is up again, and the log says that it ended", async () => {
  const before = functions.find("probe")?.port;
  await expect(call("/exit")).rejects.toThrow("fetch failed");
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(50)) {
    const now = functions.find("probe")?.port;
    if (now !== undefined && now !== before) break;
  }
  expect((await call()).status).toBe(200);
  expect(lines).toContain("the process ended (code 1)");
});

it("a function that was killed stays down until it is started again", async () => {
  await functions.kill("probe");
  // That nothing happens has no sign; one that ends on its own is up again sooner.
  await sleep(500);
  expect(functions.find("probe")).toEqual({ port: undefined, verifyJwt: true });
  await functions.restart("probe");
  expect((await call()).status).toBe(200);
});

it("what is not there cannot be killed", async () => {
  expect(functions.find("nothing")).toBeUndefined();
  await expect(async () => functions.kill("nothing")).rejects.toThrow("no function nothing");
});

it("a function that does not start is named, with what it said", async () => {
  const file = join(workdir, "supabase", "functions", "broken", "index.ts");
  await mkdir(join(file, ".."));
  await writeFile(file, `throw new Error("out of order");`);
  const start = startFunctions({ folder, workdir, env: { OWN: "yes" }, hosts: ["127.0.0.1:1"] });
  await expect(start).rejects.toThrow(/function broken ended[^]*out of order/);
});
