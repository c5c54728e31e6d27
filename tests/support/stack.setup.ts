import type { TestProject } from "vitest/node";
import { type Control, startControl } from "../../stack/control.ts";
import { type Stack, type StackInfo, startStack } from "../../stack/index.ts";

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
    readonly stack: ProvidedStack;
  }
}

interface Shared {
  users: number;
  readonly started: Promise<{ readonly stack: Stack; readonly control: Control }>;
}

/** Projects load this file each for itself, in one process: the stack they share is kept outside of it. */
const shelf: { [key: symbol]: Shared | undefined } = globalThis;
const shared = Symbol.for("billingos.tests.stack");

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const entry = shelf[shared] ??= { users: 0, started: start() };
  entry.users++;
  const { stack, control } = await entry.started;
  project.provide("stack", {
    ...stack.info,
    superuserUrl: stack.superuserUrl,
    stripeAdminUrl: stack.stripeAdminUrl ?? "",
    connectWebhookSecret: stack.connectWebhookSecret,
    digestKey: Buffer.from(stack.digestKey).toString("base64url"),
    logFile: stack.logs.file,
    controlUrl: control.url,
  });
  return async () => {
    if (--entry.users > 0) return;
    shelf[shared] = undefined;
    await control.close();
    await stack.stop();
  };
}

async function start() {
  const stack = await startStack();
  return { stack, control: await startControl(stack) };
}
