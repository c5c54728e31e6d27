import { decodeBase64Url } from "deno-std/encoding/base64url.js";

/** Refuses a variable by the rule that it breaks. */
export type Refuse = (rule: string) => never;
/** What the text of a variable says. */
export type Form<Value> = (text: string, refuse: Refuse) => Value;

/** A text of this form; white space pasted around a secret is not part of it. */
export const secret = (pattern: RegExp): Form<string> => (text, refuse) =>
  pattern.test(text.trim()) ? text.trim() : refuse("is not valid");

export const httpUrl: Form<string> = (text, refuse) => {
  const url = text.trim();
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? url : refuse("is not an http address");
};

export interface TokenKey {
  readonly kid: string;
  readonly k: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const json: Form<unknown> = (text, refuse) => {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's words, which quote the value.
    return refuse("is not JSON");
  }
};

/** Words by comma, each by its rule. Which of several is wrong is told by its place, since its value is not. */
export const list = (rule: string, isRight: (word: string) => boolean): Form<readonly string[]> => {
  return (text, refuse) =>
    text.split(",").map((part, index) => {
      const word = part.trim();
      if (word === "") return refuse(`entry ${index + 1} is empty`);
      return isRight(word) ? word : refuse(`entry ${index + 1} ${rule}`);
    });
};

const SHORT = "is not base64url of at least 32 bytes";

function isLongKey(text: string): boolean {
  try {
    return decodeBase64Url(text).length >= 32;
  } catch {
    return false;
  }
}

export const digestKey: Form<Uint8Array<ArrayBuffer>> = (text, refuse) =>
  isLongKey(text.trim()) ? decodeBase64Url(text.trim()) : refuse(SHORT);

export const defaultKey: Form<string> = (text, refuse) => {
  const keys = json(text, refuse);
  const key = isObject(keys) ? keys["default"] : undefined;
  return typeof key === "string" && key.trim() !== "" ? key.trim() : refuse("has no default key");
};

export const signingKeys: Form<readonly TokenKey[]> = (text, refuse) => {
  const set = json(text, refuse);
  const given = isObject(set) ? set["keys"] : undefined;
  if (!Array.isArray(given) || given.length === 0) return refuse("is no set of keys");
  const keys = given.map((key: unknown, index) =>
    signingKey(key, (rule) => refuse(`entry ${index + 1} ${rule}`))
  );
  return new Set(keys.map(({ kid }) => kid)).size === keys.length
    ? keys
    : refuse("has two keys of one kid");
};

function signingKey(key: unknown, refuse: Refuse): TokenKey & { readonly kty: "oct" } {
  if (!isObject(key) || key["kty"] !== "oct") return refuse("is no key of the type oct");
  const { kid, k } = key;
  if (typeof kid !== "string" || kid === "" || kid.length > 100) return refuse("has no kid");
  return typeof k === "string" && /^[A-Za-z0-9_-]+$/.test(k) && isLongKey(k)
    ? { kty: "oct", kid, k }
    : refuse(SHORT);
}
