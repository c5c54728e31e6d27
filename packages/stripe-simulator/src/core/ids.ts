import { randomBytes } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Letters and digits that nobody can guess: client secrets and webhook secrets depend on it. */
export function randomToken(length: number): string {
  let token = "";
  while (token.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // Bytes above the last whole multiple of the alphabet would make some letters likelier.
      if (byte < 248 && token.length < length) token += ALPHABET.charAt(byte % 62);
    }
  }
  return token;
}

/** The length of each kind of id after its prefix, as Stripe's ids have it. */
const SHORT = new Set(["cus", "prod", "si", "req", "sub_sched", "ilx", "inpay"]);

/** An id in Stripe's form: `newId("pi")` is `pi_3…`, 24 characters after the prefix. */
export function newId(prefix: string): string {
  if (SHORT.has(prefix)) return `${prefix}_${randomToken(14)}`;
  const lead = prefix === "pi" || prefix === "ch" || prefix === "py" || prefix === "re" ? "3" : "1";
  return `${prefix}_${lead}${randomToken(23)}`;
}

/** `<id>_secret_<25 characters>`: what a browser shows to act on one intent. */
export function newClientSecret(id: string): string {
  return `${id}_secret_${randomToken(25)}`;
}
