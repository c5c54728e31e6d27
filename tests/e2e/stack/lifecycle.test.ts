import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  isListening,
  processesOf,
  serverPid,
  spawnStack,
  type StackProcess,
  temporaryFolder,
} from "../../support/stack-process.ts";

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let running: StackProcess[] = [];
const start = () => {
  const stack = spawnStack(temporary.path);
  running.push(stack);
  return stack;
};

beforeEach(async () => {
  temporary = await temporaryFolder();
});
afterEach(async () => {
  for (const { child } of running) child.kill("SIGTERM");
  await Promise.all(running.map(({ exited }) => exited));
  running = [];
  await temporary.remove();
});

const nothing = { processes: [], entries: [] };

/** Longer than the reaper waits for a database server, on a machine that is busy with other things. */
const STILL_MS = 30_000;

/** What a stack left, once it is nothing or has not become less for a long time. */
async function leftBehind() {
  let least = Infinity;
  for (let until = Date.now() + STILL_MS;; await sleep(100)) {
    const left = {
      processes: await processesOf(temporary.path),
      entries: await readdir(temporary.path),
    };
    const count = left.processes.length + left.entries.length;
    if (count === 0 || Date.now() > until) return left;
    if (count < least) until = Date.now() + STILL_MS;
    least = Math.min(least, count);
  }
}

it("--json prints exactly one line, and it names everything that a program needs", async () => {
  const stack = start();
  const info = await stack.ready;
  stack.child.kill("SIGTERM");
  await stack.exited;
  expect(stack.lines).toHaveLength(1);
  expect(Object.keys(info)).toEqual([
    "apiUrl",
    "functionsUrl",
    "databaseUrl",
    "publishableKey",
    "secretKey",
    "stripeUrl",
    "stripeSecretKey",
    "webhookSecret",
    "organizationId",
    "organizationKey",
    "prices",
    "exampleUrl",
  ]);
  expect(Object.keys(info["prices"] ?? {}).toSorted()).toEqual(
    ["eur", "free", "jpy", "monthly", "seats", "trial", "yearly"],
  );
});

it.each([
  ["SIGTERM to npm", (npm: number) => process.kill(npm, "SIGTERM")],
  ["Ctrl-C, which reaches npm and the stack alike,", (npm: number) => process.kill(-npm, "SIGINT")],
])("%s leaves no process, port or temporary folder behind, and exits with 0", async (_, end) => {
  const stack = start();
  const info = await stack.ready;
  const urls = [info["apiUrl"], info["databaseUrl"], info["stripeUrl"]].map(String);
  expect(await Promise.all(urls.map(isListening))).toEqual([true, true, true]);
  end(stack.child.pid ?? 0);
  expect(await stack.exited).toEqual({ code: 0, signal: null });
  expect(await leftBehind()).toEqual(nothing);
  expect(await Promise.all(urls.map(isListening))).toEqual([false, false, false]);
});

it("SIGTERM during the start leaves nothing either", async () => {
  const stack = start();
  while ((await readdir(temporary.path)).length === 0) await sleep(20);
  // Somewhere in the midst of the start, wherever that is on this machine.
  await sleep(300);
  stack.child.kill("SIGTERM");
  await stack.exited;
  expect(await leftBehind()).toEqual(nothing);
});

it("a killed stack takes its parts with it and does not hinder the next", async () => {
  const killed = start();
  await killed.ready;
  process.kill(await serverPid(temporary.path), "SIGKILL");
  await killed.exited;
  const next = start();
  await next.ready;
  next.child.kill("SIGTERM");
  expect(await next.exited).toEqual({ code: 0, signal: null });
  expect(await leftBehind()).toEqual(nothing);
});

it("a stack whose reaper died with it is cleared away by the next start", async () => {
  const killed = start();
  await killed.ready;
  const pid = await serverPid(temporary.path);
  const reaper = (await processesOf(temporary.path)).find((line) => line.includes("reaper.mjs"));
  process.kill(Number.parseInt(reaper ?? "", 10), "SIGKILL");
  process.kill(pid, "SIGKILL");
  await killed.exited;
  expect(await processesOf(temporary.path)).not.toEqual([]);
  const next = start();
  await next.ready;
  next.child.kill("SIGTERM");
  await next.exited;
  expect(await leftBehind()).toEqual(nothing);
});

it("two stacks run side by side and share nothing", async () => {
  const [one, two] = await Promise.all([start().ready, start().ready]);
  for (const name of ["apiUrl", "databaseUrl", "stripeUrl", "secretKey", "organizationKey"]) {
    expect(one[name]).not.toBe(two[name]);
  }
  const statusFor = async (key: unknown) => {
    const headers = { apikey: String(key), "accept-profile": "billing" };
    return (await fetch(`${String(one["apiUrl"])}/rest/v1/organizations`, { headers })).status;
  };
  expect(await statusFor(one["secretKey"])).toBe(200);
  expect(await statusFor(two["secretKey"])).toBe(401);
});
