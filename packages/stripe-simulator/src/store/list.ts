import { noSuch } from "../core/errors.ts";
import { integer, text } from "../core/params.ts";
import { malformed } from "../core/errors.ts";

/** The parameters that every list takes. */
export const PAGE = { limit: integer(), starting_after: text(), ending_before: text() };

export interface Page {
  limit?: number;
  starting_after?: string;
  ending_before?: string;
}

export interface ListObject<T> {
  object: "list";
  data: T[];
  has_more: boolean;
  url: string;
}

type TimeRange = number | { gt?: number; gte?: number; lt?: number; lte?: number };

export function inRange(at: number, range: TimeRange | undefined): boolean {
  if (range === undefined) return true;
  if (typeof range === "number") return at === range;
  return at > (range.gt ?? -Infinity) && at >= (range.gte ?? -Infinity) &&
    at < (range.lt ?? Infinity) && at <= (range.lte ?? Infinity);
}

function pageSize(page: Page): number {
  const limit = page.limit ?? 10;
  if (limit >= 1 && limit <= 100) return limit;
  throw malformed("This value must be between 1 and 100", {
    code: "parameter_invalid_integer",
    param: "limit",
  });
}

/** A page of objects given oldest first and shown newest first, as Stripe lists them. */
export function paginate<T extends { id: string }>(
  oldestFirst: readonly T[],
  page: Page,
  url: string,
  kind: string,
): ListObject<T> {
  const limit = pageSize(page);
  const rows = oldestFirst.toReversed();
  const indexOf = (id: string, param: string): number => {
    const index = rows.findIndex((row) => row.id === id);
    if (index === -1) throw noSuch(kind, id, param);
    return index;
  };
  if (page.ending_before !== undefined) {
    const end = indexOf(page.ending_before, "ending_before");
    const start = Math.max(0, end - limit);
    return { object: "list", data: rows.slice(start, end), has_more: start > 0, url };
  }
  const start = page.starting_after === undefined
    ? 0
    : indexOf(page.starting_after, "starting_after") + 1;
  const data = rows.slice(start, start + limit);
  return { object: "list", data, has_more: start + limit < rows.length, url };
}

/** A list inside an object, whole. */
export function wholeList<T>(data: T[], url: string): ListObject<T> {
  return { object: "list", data, has_more: false, url };
}
