import type { Digest } from "../digest.ts";

/** Where a request came from. Personal data: it goes to Stripe as the customer's consent to a debit, and into no log. */
export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

/**
 * The caller as the platform's gateway names it in the given header, undefined where it names nobody. Of a list, the last
 * entry is the gateway's own; the ones before it are what a caller may have written.
 */
export function clientOf(request: Request, header: string): Client | undefined {
  const address = request.headers.get(header)?.split(",").at(-1)?.trim();
  if (address === undefined || !/^[0-9a-fA-F.:]{2,45}$/.test(address)) return undefined;
  return { address, userAgent: request.headers.get("user-agent")?.slice(0, 500) ?? "unknown" };
}

/** The address as limits know it: a keyed digest whose salt changes with the day, so that no trail forms. */
export async function addressDigest(
  client: Client | undefined,
  digest: Digest,
  now = new Date(),
): Promise<string | undefined> {
  if (client === undefined) return undefined;
  return digest("client_address", `${now.toISOString().slice(0, 10)} ${client.address}`);
}
