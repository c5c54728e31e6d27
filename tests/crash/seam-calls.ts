/** A call as a title names it: what is asked of which service, without the ids that differ from run to run. */
export function seamName(method: string, path: string): string {
  const [pathname = ""] = path.split("?");
  const rpc = /^\/rest\/v1\/rpc\/(\w+)$/.exec(pathname)?.[1];
  if (rpc !== undefined) return `SQL ${rpc}`;
  return `${method} ${pathname.replaceAll(/\/[a-z]+_[A-Za-z0-9]{8,}(?=\/|$)/g, "/:id")}`;
}

/**
 * A path whose range of `created` is moved forward by the seconds that Stripe's clock is ahead: a test can move the
 * simulator's clock, but the functions' clock is the machine's. Invoices are asked for since an instant of Stripe's own.
 */
export function shiftedCreation(path: string, seconds: number): string {
  if (path.startsWith("/v1/invoices")) return path;
  return path.replaceAll(
    /(created(?:\[|%5B)(?:gte|lte|gt|lt)(?:\]|%5D)=)(\d+)/gi,
    (_all, name: string, at: string) => `${name}${Number(at) + seconds}`,
  );
}

/**
 * What Stripe answered to a path, with its creation times moved back by those seconds: our rows say when something was paid
 * and decided by the functions' clock, and Stripe's objects are compared with them. Invoices keep Stripe's own time.
 */
export function unshiftedCreation(path: string, body: Buffer, seconds: number): Buffer {
  if (path.startsWith("/v1/invoices")) return body;
  const text = body.toString().replaceAll(
    /("created":\s*)(\d+)/g,
    (_all, name: string, at: string) => `${name}${Number(at) - seconds}`,
  );
  return Buffer.from(text);
}
