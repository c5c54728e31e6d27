import { malformed } from "../core/errors.ts";
import { integer, required, text } from "../core/params.ts";
import { isObject } from "../core/json.ts";

/** The parameters of every search: https://docs.stripe.com/search */
export const SEARCH = { query: required(text()), limit: integer(), page: text() };

const OPERATORS = [":", "~", ">=", "<=", ">", "<"] as const;

interface Clause {
  field: string;
  metadataKey: string | undefined;
  operator: (typeof OPERATORS)[number];
  /** Null asks for the absence of a value. */
  value: string | null;
  negated: boolean;
}

const CLAUSE =
  /^\s*(-)?([a-z_.]+)(?:\[(?:"([^"]*)"|'([^']*)')\])?\s*(>=|<=|[:~><])\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(null|-?\d+))\s*/;

/** Reads a query in Stripe's search language; refuses what the language does not have. */
function parseQuery(query: string): { clauses: Clause[]; any: boolean } {
  const clauses: Clause[] = [];
  let rest = query;
  let joiner: string | undefined;
  while (rest.trim() !== "") {
    const found = CLAUSE.exec(rest);
    if (found === null) {
      throw malformed(`We were unable to parse your search query: ${query}`, { param: "query" });
    }
    const quoted = found[6] ?? found[7];
    clauses.push({
      negated: found[1] === "-",
      field: found[2] ?? "",
      metadataKey: found[3] ?? found[4],
      operator: OPERATORS.find((one) => one === found[5]) ?? ":",
      value: quoted === undefined
        ? (found[8] === "null" ? null : found[8] ?? "")
        : quoted.replaceAll(/\\(.)/g, "$1"),
    });
    rest = rest.slice(found[0].length);
    if (rest.trim() === "") break;
    const word = /^(AND|OR)\s+/i.exec(rest);
    const next = word === null ? "AND" : (word[1] ?? "").toUpperCase();
    if (joiner !== undefined && joiner !== next) {
      throw malformed("You cannot combine AND and OR in a query", { param: "query" });
    }
    joiner = next;
    rest = word === null ? rest : rest.slice(word[0].length);
  }
  if (clauses.length === 0) throw malformed("The search query is empty", { param: "query" });
  return { clauses, any: joiner === "OR" };
}

function valueOf(row: object, clause: Clause): unknown {
  let value: unknown = row;
  for (const part of clause.field.split(".")) value = isObject(value) ? value[part] : undefined;
  if (clause.metadataKey === undefined) return value;
  return isObject(value) ? value[clause.metadataKey] : undefined;
}

function holds(row: object, clause: Clause): boolean {
  const value = valueOf(row, clause);
  const shown = typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : null;
  if (shown === null || clause.value === null) return shown === clause.value;
  switch (clause.operator) {
    case ":":
      return shown.toLowerCase() === clause.value.toLowerCase();
    case "~":
      return shown.toLowerCase().includes(clause.value.toLowerCase());
    case ">":
      return Number(shown) > Number(clause.value);
    case "<":
      return Number(shown) < Number(clause.value);
    case ">=":
      return Number(shown) >= Number(clause.value);
    case "<=":
      return Number(shown) <= Number(clause.value);
  }
}

export interface SearchResult<T> {
  object: "search_result";
  data: T[];
  has_more: boolean;
  next_page: string | null;
  url: string;
}

/** Searches objects given oldest first; hides those newer than `newest`, as Stripe's index lags. */
export function search<T extends { id: string; created: number }>(
  oldestFirst: readonly T[],
  params: { query: string; limit?: number; page?: string },
  url: string,
  newest: number,
): SearchResult<T> {
  const { clauses, any } = parseQuery(params.query);
  const rows = oldestFirst.toReversed().filter((row) => {
    if (row.created > newest) return false;
    const test = (clause: Clause): boolean => holds(row, clause) !== clause.negated;
    return any ? clauses.some(test) : clauses.every(test);
  });
  const start = params.page === undefined ? 0 : Number(Buffer.from(params.page, "base64url"));
  const limit = Math.min(Math.max(params.limit ?? 10, 1), 100);
  const next = start + limit;
  const more = next < rows.length;
  return {
    object: "search_result",
    data: rows.slice(start, next),
    has_more: more,
    next_page: more ? Buffer.from(String(next)).toString("base64url") : null,
    url,
  };
}
