import * as z from "zod/mini";
import type { Digest } from "../runtime/digest.ts";
import type { Logger } from "../runtime/log.ts";

/** Where a request came from. Personal data: it goes to Stripe as the customer's consent to a debit, and into no log. */
export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

/**
 * The caller as the platform's gateway names it in the given header, undefined where it names nobody or no header is
 * trusted. Of a list, the last entry is the gateway's own; the ones before it are what a caller may have written.
 */
export function clientOf(request: Request, header: string | undefined): Client | undefined {
  if (header === undefined) return undefined;
  const address = request.headers.get(header)?.split(",").at(-1)?.trim();
  if (address === undefined || !(isIPv4(address) || isIPv6(address))) return undefined;
  return { address, userAgent: request.headers.get("user-agent")?.slice(0, 500) ?? "unknown" };
}

const isIPv4 = (text: string) => z.ipv4().safeParse(text).success;
const isIPv6 = (text: string) =>
  /^[0-9a-f.:]{2,45}$/i.test(text) && text.includes(":") && URL.canParse(`http://[${text}]/`);

const groups = (text = "") => text === "" ? [] : text.split(":");

/**
 * What limits count by: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address of it has them all.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  // As a URL has it: lower case, without leading zeros, its last 32 bits in hexadecimal too (WHATWG URL, 3.5).
  const [head = "", tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const known = groups(head).length + groups(tail).length;
  const all = [...groups(head), ...Array<string>(8 - known).fill("0"), ...groups(tail)];
  if (all.slice(0, 6).join(":") === "0:0:0:0:0:ffff") {
    const bytes = all.slice(6).map((group) => Number.parseInt(group, 16));
    return bytes.flatMap((pair) => [pair >> 8, pair & 255]).join(".");
  }
  return `${all.slice(0, 4).join(":")}::/64`;
}

/** The address as limits know it: a keyed digest whose salt changes with the day, so that no trail forms. */
export async function addressDigest(
  client: Client | undefined,
  digest: Digest,
  now = new Date(),
): Promise<string | undefined> {
  if (client === undefined) return undefined;
  return digest("client_address", `${now.toISOString().slice(0, 10)} ${networkOf(client.address)}`);
}

/** Warns at the first request whose caller the gateway does not name: a wrong setting would switch limits off unseen. */
export function addressWatch(header: string | undefined) {
  let warned = false;
  return (request: Request, log: Logger): void => {
    if (warned || clientOf(request, header) !== undefined) return;
    warned = true;
    log.warn("no client address: limits by address do nothing", {
      header: header ?? "none is set",
    });
  };
}
