/** Where a request came from. Personal data: it goes to Stripe and into no log. */
export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

/**
 * The caller as the gateway names it, undefined where it names nobody. Evidence for the bank, not a control: a proxy in
 * front may have passed the caller's own word on.
 */
export function clientOf(request: Request): Client | undefined {
  const address = request.headers.get("x-forwarded-for")?.split(",")[0]?.trim();
  if (address === undefined || !/^[0-9a-fA-F.:]{2,45}$/.test(address)) return undefined;
  return { address, userAgent: request.headers.get("user-agent")?.slice(0, 500) ?? "unknown" };
}
