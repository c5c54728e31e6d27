import { setTimeout as sleep } from "node:timers/promises";
import type { Child } from "../process/child.ts";

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** One function's process: started when it is first asked for, kept running while it is wanted, one start or end at a time. */
export class FunctionProcess {
  readonly #launch: () => Promise<Child<number>>;
  readonly #restart: boolean;
  readonly #report: (problem: string) => void;
  #child: Child<number> | undefined;
  /** The start that the first request brought about; other requests wait for it. */
  #first: Promise<void> | undefined;
  #wanted = false;
  #turn: Promise<void> = Promise.resolve();

  /**
   * @param launch starts the process; its `ready` is the port
   * @param restart whether it is started again after it ended on its own
   */
  constructor(
    launch: () => Promise<Child<number>>,
    restart: boolean,
    report: (problem: string) => void,
  ) {
    this.#launch = launch;
    this.#restart = restart;
    this.#report = report;
  }

  /** Where it listens, once it does; undefined while it is down, and where it does not start. */
  async port(): Promise<number | undefined> {
    this.#first ??= this.start().catch((error: unknown) => {
      this.#first = undefined;
      this.#report(messageOf(error));
    });
    await this.#first;
    return this.#child?.ready;
  }

  /** Settles when the function listens. */
  start(): Promise<void> {
    this.#wanted = true;
    return this.#next(async () => {
      if (this.#child !== undefined || !this.#wanted) return;
      const child = await this.#launch();
      this.#child = child;
      void this.#watch(child);
    });
  }

  /** Ends the process at once; it stays down until `start`. */
  stop(): Promise<void> {
    this.#first ??= Promise.resolve();
    this.#wanted = false;
    return this.#next(async () => {
      await this.#child?.stop();
      this.#child = undefined;
    });
  }

  async #watch(child: Child<number>): Promise<void> {
    const { code, signal } = await child.exited;
    if (this.#child === child) this.#child = undefined;
    if (!this.#wanted) return;
    this.#report(`the process ended (${signal ?? `code ${code ?? "unknown"}`})`);
    for (let wait = FIRST_RETRY_MS; this.#restart && this.#wanted; wait *= 2) {
      await sleep(Math.min(wait, LAST_RETRY_MS));
      if (!this.#wanted) return;
      try {
        return await this.start();
      } catch (error) {
        this.#report(messageOf(error));
      }
    }
  }

  #next(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : "the process cannot be started";
