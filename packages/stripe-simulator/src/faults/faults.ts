import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "../core/ids.ts";
import { createRandom } from "../core/random.ts";
import { DELIVERY_FAULTS, REQUEST_FAULTS } from "./spec.ts";
import type { FaultSpec } from "./spec.ts";

export interface Fault extends FaultSpec {
  id: string;
  /** How often it has struck. */
  struck: number;
}

interface Armed extends Fault {
  passed: number;
}

function segmentsMatch(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  return wanted.length === given.length &&
    wanted.every((one, index) => one === "*" || one === given[index]);
}

function typeMatches(pattern: string, type: string): boolean {
  return pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}

/** The faults that are armed, each by an explicit admin call. */
export class Faults {
  readonly #armed = new Map<string, Armed>();
  /** Clearing a fault ends its waits. */
  readonly #cleared = new Map<string, AbortController>();
  #random: () => number;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  reseed(seed: number): void {
    this.#random = createRandom(seed);
  }

  add(spec: FaultSpec): Fault {
    const fault: Armed = { ...spec, id: newId("fault"), struck: 0, passed: 0 };
    this.#armed.set(fault.id, fault);
    this.#cleared.set(fault.id, new AbortController());
    return fault;
  }

  list(): Fault[] {
    return [...this.#armed.values()];
  }

  clear(id?: string): void {
    for (const one of id === undefined ? [...this.#armed.keys()] : [id]) {
      this.#armed.delete(one);
      this.#cleared.get(one)?.abort();
      this.#cleared.delete(one);
    }
  }

  /** Waits out a latency, or until it is cleared. */
  async wait({ id, ms = 100 }: Fault): Promise<void> {
    const signal = this.#cleared.get(id)?.signal;
    if (signal === undefined) return;
    await sleep(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** The faults that strike this request; each is used up by being returned. */
  forRequest(method: string, path: string): Fault[] {
    return this.#strike((fault) =>
      REQUEST_FAULTS.some((kind) => kind === fault.kind) &&
      (fault.method === undefined || fault.method.toUpperCase() === method) &&
      (fault.path === undefined || segmentsMatch(fault.path, path))
    );
  }

  /** The faults that strike the delivery of an event of this type. */
  forDelivery(type: string): Fault[] {
    return this.#strike((fault) =>
      DELIVERY_FAULTS.some((kind) => kind === fault.kind) &&
      (fault.type === undefined || typeMatches(fault.type, type))
    );
  }

  #strike(matches: (fault: Fault) => boolean): Fault[] {
    return [...this.#armed.values()].filter((fault) => matches(fault) && this.#fires(fault));
  }

  #fires(fault: Armed): boolean {
    if (fault.passed < (fault.skip ?? 0)) {
      fault.passed += 1;
      return false;
    }
    const most = fault.count === undefined ? 1 : fault.count;
    if (most !== null && fault.struck >= most) return false;
    if (fault.probability !== undefined && this.#random() >= fault.probability) return false;
    fault.struck += 1;
    return true;
  }
}
