import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor } from "../../../scripts/doctor.ts";
import { keys } from "../../../scripts/keys.ts";
import { projectRoot } from "../../../scripts/source/project-files.ts";
import { runCommand } from "../../support/command.ts";
import { eventually } from "../../support/shop.ts";
import { processesOf, temporaryFolder } from "../../support/stack-process.ts";

const folder = await temporaryFolder();
afterAll(() => folder.remove());

const started = spawn("npm", ["start"], {
  cwd: projectRoot,
  env: { ...process.env, TMPDIR: folder.path },
  detached: true,
  stdio: ["ignore", "pipe", "inherit"],
});
let said = "";
started.stdout.on("data", (chunk: Buffer) => {
  said += chunk.toString();
});
const ended = once(started, "exit");
/** The rest of the first line that begins so, once it is there. */
const told = async (start: RegExp) => {
  const line = new RegExp(`${start.source}(.*)`, "m");
  await eventually(() => Promise.resolve(said), (text) => line.test(text));
  return line.exec(said)?.[1] ?? "";
};

beforeAll(() => told(/^Requests, events, /));
afterAll(async () => {
  if (started.exitCode === null) process.kill(-(started.pid ?? 0), "SIGKILL");
  await ended;
  await eventually(() => processesOf(folder.path), (left) => left.length === 0);
});

describe("npm start", () => {
  it("says first of all where the example's page is, which is built and answers with all that it loads", async () => {
    // What npm says is set aside: it begins with ">".
    const first = said.split("\n").find((line) => !/^$|^>/.test(line)) ?? "";
    const [, url = ""] = /^Open (http:\/\/127\.0\.0\.1:\d+)$/.exec(first) ?? [];
    const page = await fetch(url);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await page.text();
    const parts = Array.from(
      html.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g),
      ([, part = ""]) => part,
    );
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect((await fetch(new URL(part, url))).status).toBe(200);
    expect((await fetch(`${url}/no-such.js`)).status).toBe(404);
    expect((await fetch(`${url}/config.json`)).status).toBe(200);
    // As the bank leads back to it.
    const back = await fetch(`${url}/?redirect_status=succeeded`, {
      headers: { accept: "text/html", "sec-fetch-site": "cross-site" },
    });
    expect(await back.text()).toBe(html);
  });

  it("shows each request that a function answers as one line", async () => {
    const functions = await told(/^ {2}functions +/);
    expect((await fetch(`${functions}/health`)).status).toBe(200);
    expect(await told(/^\S+ {2}req_\S+ {2}health +/)).toMatch(/^GET \/health 200 in \d+ ms$/);
    await fetch(`${functions}/entitlements`);
    expect(await told(/^\S+ {2}req_\S+ {2}entitlements +GET /)).toMatch(/401 in \d+ ms$/);
  });

  it("runs reconcile, and says what it did", async () => {
    expect(await told(/ reconciled {2}/)).toMatch(/^events=\d+ {2}sessions=\d+ /);
  });

  it("prints what an operator's commands need, and they work with it", async () => {
    const env = parseEnv(
      said.split("\n").flatMap((line) => /^ {2}export (.*)/.exec(line)?.[1] ?? []).join("\n"),
    );
    expect(Object.keys(env).toSorted()).toEqual(["CHECKOUT_DIGEST_KEY", "DATABASE_URL"]);
    const organization = "0b500000-0000-4000-8000-000000000001";
    const given = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value ?? ""]),
    );
    const { stdout } = await runCommand(keys, given, ["create", "--organization", organization]);
    expect(stdout).toMatch(/^sk_test_/);
  });

  it("is healthy by its own file", async () => {
    await told(/ reconciled {2}/);
    const found = { TMPDIR: folder.path };
    const file = /set -a; \. '([^']+)'; set \+a/.exec(said)?.[1] ?? "";
    expect(await readFile(file, "utf8")).toContain("SUPABASE_URL='http://127.0.0.1:");
    const { stdout } = await runCommand(doctor, found, ["--env-file", file]);
    expect(stdout).toMatch(/^16 checks, 0 failures, 0 warnings$/m);
  });

  it("leaves nothing behind when it is interrupted while somebody looks on, the operator's file included", async () => {
    const session = /checkout (\S+) created/.exec(said)?.[1] ?? "";
    const feed = await fetch(`${await told(/^Open /)}/developer/sessions/${session}`, {
      headers: { accept: "text/event-stream" },
    });
    await feed.body?.getReader().read();
    process.kill(-(started.pid ?? 0), "SIGINT");
    expect(await ended).toEqual([0, null]);
    await eventually(() => processesOf(folder.path), (left) => left.length === 0);
    expect(await readdir(folder.path)).toEqual([]);
  });
});
