/** Opens the parts of a stack and closes them in the opposite order, also when one does not open. */
export class Boot {
  readonly #onProgress: (part: string, milliseconds: number) => void;
  readonly #steps: (() => Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  /** @param onProgress is called when a part is ready, with the time that it took */
  constructor(onProgress: (part: string, milliseconds: number) => void = () => undefined) {
    this.#onProgress = onProgress;
  }

  /** Opens a part, reports it, and notes how it is closed. */
  open<T>(part: string, start: () => Promise<T>, close: (it: T) => Promise<void>): Promise<T> {
    return this.step(part, async () => {
      const it = await start();
      this.closeWith(() => close(it));
      return it;
    });
  }

  /** Does what needs no closing, and reports it. */
  async step<T>(part: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.#onProgress(part, Math.round(performance.now() - start));
    return result;
  }

  closeWith(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Closes everything, once, even when a part fails to; then rejects with the failures. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.toReversed()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "the stack did not stop clean");
  }
}

/** Waits for all even when one fails, so that nothing is still starting when the rest is stopped. */
export async function settled<Ready extends readonly unknown[]>(
  ...starts: { readonly [Start in keyof Ready]: Promise<Ready[Start]> }
) {
  await Promise.allSettled(starts);
  return Promise.all(starts);
}
