import type { TestProject } from "vitest/node";
import { type Stack, startStack } from "../../stack/index.ts";
import type { Listening } from "../../stack/process/listening.ts";
import { startClaims } from "./claims.ts";
import { startControl } from "./control.ts";
import { type ShopStack, shopStackOf } from "./shop-stack.ts";
import { WORKERS } from "./vitest-settings.ts";

/** The running stack, as far as it can be told to another process. */
export interface ProvidedStack extends ShopStack {
  /** One JSON `LogLine` a line. */
  readonly logFile: string;
  /** See control.ts. */
  readonly controlUrl: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** One for each worker. */
    readonly stacks: readonly ProvidedStack[];
    /** Where a worker asks which of them is its own. */
    readonly stackClaims: string;
  }
}

interface Started {
  /** One for each worker. */
  readonly running: readonly Running[];
  /** One more for a worker that has asked for it; see clock-stack.ts. */
  readonly clocks: ReadonlyMap<number, Promise<Running>>;
  readonly claims: Listening;
}

interface Running {
  readonly stack: Stack;
  readonly control: Listening;
}

interface Shared {
  users: number;
  readonly started: Promise<Started>;
}

/** Projects load this file each for itself, in one process: the stacks they share are kept outside of it. */
const shelf: { [key: symbol]: Shared | undefined } = globalThis;
const shared = Symbol.for("billingos.tests.stack");

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const entry = shelf[shared] ??= { users: 0, started: startAll() };
  entry.users++;
  const { running, clocks, claims } = await entry.started;
  project.provide("stacks", running.map(provided));
  project.provide("stackClaims", claims.url);
  return async () => {
    if (--entry.users > 0) return;
    shelf[shared] = undefined;
    const moved = await Promise.allSettled(clocks.values());
    await Promise.all([claims.close(), stopAll([...running, ...started(moved)])]);
  };
}

const provided = ({ stack, control }: Running): ProvidedStack => ({
  ...shopStackOf(stack),
  logFile: stack.logs.file,
  controlUrl: control.url,
});

/** All that started are stopped where one does not start. */
async function startAll(): Promise<Started> {
  const starts = await Promise.allSettled(Array.from({ length: WORKERS }, start));
  const running = started(starts);
  const failed = starts.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await stopAll(running);
    throw failed.reason;
  }
  const clocks = new Map<number, Promise<Running>>();
  const clockStack = async (worker: number): Promise<ProvidedStack> => {
    const own = clocks.get(worker) ?? start();
    clocks.set(worker, own);
    return provided(await own);
  };
  return { running, clocks, claims: await startClaims(WORKERS, clockStack) };
}

const started = (starts: readonly PromiseSettledResult<Running>[]): Running[] =>
  starts.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);

async function start(): Promise<Running> {
  const stack = await startStack();
  return { stack, control: await startControl(stack) };
}

async function stopAll(running: readonly Running[]): Promise<void> {
  await Promise.all(running.map(async ({ stack, control }) => {
    await control.close();
    await stack.stop();
  }));
}
