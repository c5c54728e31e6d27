import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/shop.ts";
import {
  isListening,
  processesOf,
  serverPid,
  spawnStack,
  type StackProcess,
  temporaryFolder,
} from "../../support/stack-process.ts";

/** A stack in a temporary folder of its own. */
async function start(temporary?: Temporary) {
  const folder = temporary ?? await temporaryFolder();
  const stack = spawnStack(folder.path);
  started.push({ stack, folder });
  return { ...stack, folder };
}
type Temporary = Awaited<ReturnType<typeof temporaryFolder>>;

const started: { readonly stack: StackProcess; readonly folder: Temporary }[] = [];
afterAll(async () => {
  for (const { stack } of started) stack.child.kill("SIGTERM");
  await Promise.all(started.map(({ stack }) => stack.exited));
  await Promise.all(started.map(({ folder }) => folder.remove()));
});

const nothing = { processes: [], entries: [] };

/** Longer than the reaper waits for a database server, on a machine that is busy with other things. */
const STILL_MS = 30_000;

/** What a stack left, once it is nothing or has not become less for a long time. */
async function leftIn({ path }: Temporary) {
  let least = Infinity;
  for (let until = Date.now() + STILL_MS;; await sleep(100)) {
    const left = {
      processes: await processesOf(path),
      entries: await readdir(path),
    };
    const count = left.processes.length + left.entries.length;
    if (count === 0 || Date.now() > until) return left;
    if (count < least) until = Date.now() + STILL_MS;
    least = Math.min(least, count);
  }
}

describe("two stacks side by side", async () => {
  const [one, two] = await Promise.all([start(), start()]);
  const infos = Promise.all([one.ready, two.ready]);

  it("share nothing", async () => {
    const [ours, theirs] = await infos;
    for (const name of ["apiUrl", "databaseUrl", "stripeUrl", "secretKey", "organizationKey"]) {
      expect(ours[name]).not.toBe(theirs[name]);
    }
    const statusFor = async (key: unknown) => {
      const headers = { apikey: String(key), "accept-profile": "billing" };
      return (await fetch(`${String(ours["apiUrl"])}/rest/v1/organizations`, { headers })).status;
    };
    expect(await statusFor(ours["secretKey"])).toBe(200);
    expect(await statusFor(theirs["secretKey"])).toBe(401);
  });

  it("print with --json exactly one line, and it names everything that a program needs", async () => {
    const [info] = await infos;
    expect(one.lines).toHaveLength(1);
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

  it("SIGTERM to npm leaves no process, port or temporary folder behind, and exits with 0", async () => {
    const npm = one.child.pid ?? 0;
    expect(await ended(one, () => process.kill(npm, "SIGTERM"))).toEqual(cleanly);
  });

  it("a killed stack takes its parts with it, one whose reaper died too is cleared away by the next, and that ends at Ctrl-C", async () => {
    const { folder } = two;
    process.kill(await serverPid(folder.path), "SIGKILL");
    await two.exited;
    await eventually(() => processesOf(folder.path), (left) => left.length === 0);

    const next = await start(folder);
    await next.ready;
    const pid = await serverPid(folder.path);
    const reaper = (await processesOf(folder.path)).find((line) => line.includes("reaper.mjs"));
    process.kill(Number.parseInt(reaper ?? "", 10), "SIGKILL");
    process.kill(pid, "SIGKILL");
    await next.exited;
    expect(await processesOf(folder.path)).not.toEqual([]);

    const last = await start(folder);
    // It reaches npm and the stack alike.
    const terminal = -(last.child.pid ?? 0);
    expect(await ended(last, () => process.kill(terminal, "SIGINT"))).toEqual(cleanly);
  });
});

/** Ends a stack that runs, and answers how it ended and what is left of it. */
async function ended(stack: Awaited<ReturnType<typeof start>>, end: () => void) {
  const info = await stack.ready;
  const urls = [info["apiUrl"], info["databaseUrl"], info["stripeUrl"]].map(String);
  const listening = () => Promise.all(urls.map(isListening));
  const before = await listening();
  end();
  const exit = await stack.exited;
  return { exit, left: await leftIn(stack.folder), listening: [before, await listening()] };
}
const cleanly = {
  exit: { code: 0, signal: null },
  left: nothing,
  listening: [[true, true, true], [false, false, false]],
};

it("SIGTERM during the start leaves nothing either", async () => {
  const { child, exited, folder } = await start();
  while ((await readdir(folder.path)).length === 0) await sleep(20);
  // Somewhere in the midst of the start, wherever that is on this machine.
  await sleep(300);
  child.kill("SIGTERM");
  await exited;
  expect(await leftIn(folder)).toEqual(nothing);
});
