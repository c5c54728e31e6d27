/**
 * The simulator's clock: real time plus an offset that only an admin call moves, and only forwards
 * as long as there is anything in the world.
 * Stripe's own objects count whole seconds, so do these.
 */
export interface Clock {
  /** Seconds since the epoch. */
  now(): number;
  /**
   * Runs something as of an instant, such as a renewal at the second at which it fell due, or a request: what one makes is all of
   * one second, also where the machine's clock passes to the next in the midst of it.
   */
  asOf<T>(seconds: number, run: () => T): T;
  /** Sets the clock forward; an instant that has passed already changes nothing. */
  moveTo(seconds: number): void;
  /** Goes back to real time, for a world that is empty again. */
  reset(): void;
}

function real(): number {
  return Math.floor(Date.now() / 1000);
}

export function createClock(): Clock {
  let offset = 0;
  let held: number | undefined;
  return {
    now: () => held ?? real() + offset,
    asOf(seconds, run) {
      const before = held;
      held = seconds;
      try {
        return run();
      } finally {
        held = before;
      }
    },
    moveTo(seconds) {
      offset = Math.max(offset, seconds - real());
    },
    reset() {
      offset = 0;
    },
  };
}
