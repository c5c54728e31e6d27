import { onTestFinished } from "vitest";

/** What is thrown where nobody catches it, until the test's end: there the runner takes it for its own again. */
export function uncaught(): readonly unknown[] {
  const thrown: unknown[] = [];
  const runner = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error: unknown) => {
    thrown.push(error);
  });
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of runner) process.on("uncaughtException", listener);
  });
  return thrown;
}
