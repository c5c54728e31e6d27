import type { World } from "../world.ts";

/** The JSON object that an admin call is given. */
export type Body = Record<string, unknown>;

/** An admin call: what it is given, and the id in its path. */
export type Command = (
  world: World,
  body: Body,
  query: URLSearchParams,
  id: string,
) => unknown;

/** There is nothing that the call could be about. */
export class NotFound extends Error {}

export function textOf(body: Body, key: string): string {
  const value = body[key];
  if (typeof value !== "string" || value === "") throw new TypeError(`${key} must be text`);
  return value;
}

export function numberOf(body: Body, key: string): number {
  const value = body[key];
  if (typeof value !== "number" || !(value >= 0)) throw new TypeError(`${key} must be a number`);
  return value;
}

export function found<T>(outcome: T | undefined, id: string): T {
  if (outcome === undefined) throw new NotFound(`nothing of that kind is pending for ${id}`);
  return outcome;
}
