import * as z from "zod";
import { operations } from "../../../shared/contract/operations.ts";
import { Placeholders } from "./placeholders.ts";
import type { Recorded, RecordedExchange } from "./recorded.ts";

/** What an example is called, and what is said in the call. */
export interface Said {
  readonly name: string;
  readonly bearer?: string;
  /** In the place of the path's parameter. */
  readonly of?: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const jsonObject = z.record(z.string(), z.unknown());

/** Calls operations of running functions, and keeps what was said and answered, as an example shows it. */
export class Recorder {
  readonly #functionsUrl: string;
  readonly #placeholders: Placeholders;
  readonly #recorded: RecordedExchange[] = [];

  constructor(functionsUrl: string, known: Readonly<Record<string, string>>) {
    this.#functionsUrl = functionsUrl;
    this.#placeholders = new Placeholders(Date.now(), known);
  }

  /** The answer, as it came. */
  async call(operation: string, said: Said): Promise<Record<string, unknown>> {
    const called = operations.find(({ id }) => id === operation);
    if (called === undefined) throw new Error(`there is no operation ${operation}`);
    const path = called.path.replace(/:\w+/, said.of ?? "") + (said.query ?? "");
    const response = await fetch(this.#functionsUrl + path, {
      method: called.method,
      headers: {
        ...(said.body === undefined ? {} : { "content-type": "application/json" }),
        ...(said.bearer === undefined ? {} : { authorization: `Bearer ${said.bearer}` }),
        ...said.headers,
      },
      ...(said.body === undefined ? {} : { body: JSON.stringify(said.body) }),
    });
    const answer = jsonObject.parse(await response.json());
    this.#recorded.push({
      operation,
      name: said.name,
      ...(said.body === undefined ? {} : { request: this.#placeholders.in(said.body) }),
      status: response.status,
      answer: this.#placeholders.in(answer),
    });
    return answer;
  }

  get recorded(): Recorded {
    return this.#recorded;
  }
}
