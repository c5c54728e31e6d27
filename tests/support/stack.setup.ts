import type { TestProject } from "vitest/node";
import { type Control, startControl } from "../../stack/control.ts";
import { type Stack, type StackInfo, startStack } from "../../stack/index.ts";
import type { Listening } from "../../stack/process/listening.ts";
import { startClaims } from "./claims.ts";
import { WORKERS } from "./workers.ts";

/** The running stack, as far as it can be told to another process. */
export interface ProvidedStack extends StackInfo {
  readonly superuserUrl: string;
  /** The Stripe simulator's admin server. */
  readonly stripeAdminUrl: string;
  readonly connectWebhookSecret: string;
  /** base64url; see CHECKOUT_DIGEST_KEY. */
  readonly digestKey: string;
  /** One JSON `LogLine` a line. */
  readonly logFile: string;
  /** See stack/control.ts. */
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
  readonly running: readonly Running[];
  readonly claims: Listening;
}

interface Running {
  readonly stack: Stack;
  readonly control: Control;
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
  const { running, claims } = await entry.started;
  project.provide("stacks", running.map(provided));
  project.provide("stackClaims", claims.url);
  return async () => {
    if (--entry.users > 0) return;
    shelf[shared] = undefined;
    await Promise.all([claims.close(), stopAll(running)]);
  };
}

function provided({ stack, control }: Running): ProvidedStack {
  return {
    ...stack.info,
    superuserUrl: stack.superuserUrl,
    stripeAdminUrl: stack.stripeAdminUrl ?? "",
    connectWebhookSecret: stack.connectWebhookSecret,
    digestKey: Buffer.from(stack.digestKey).toString("base64url"),
    logFile: stack.logs.file,
    controlUrl: control.url,
  };
}

/** All that started are stopped where one does not start. */
async function startAll(): Promise<Started> {
  const starts = await Promise.allSettled(Array.from({ length: WORKERS }, start));
  const running = starts.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  const failed = starts.find((one) => one.status === "rejected");
  if (failed === undefined) return { running, claims: await startClaims(WORKERS) };
  await stopAll(running);
  throw failed.reason;
}

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
