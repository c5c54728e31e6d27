/** A call as a title names it: what is asked of which service, without the ids that differ from run to run. */
export function seamName(method: string, path: string): string {
  const [pathname = ""] = path.split("?");
  const rpc = /^\/rest\/v1\/rpc\/(\w+)$/.exec(pathname)?.[1];
  if (rpc !== undefined) return `SQL ${rpc}`;
  return `${method} ${pathname.replaceAll(/\/[a-z]+_[A-Za-z0-9]{8,}(?=\/|$)/g, "/:id")}`;
}

/**
 * A path whose range of `created` is moved forward by some seconds, so that what it finds seems that much older: the
 * simulator's clock goes forward only, and the functions' clock is the machine's.
 */
export function shiftedCreation(path: string, seconds: number): string {
  return path.replaceAll(
    /(created(?:\[|%5B)(?:gte|lte|gt|lt)(?:\]|%5D)=)(\d+)/gi,
    (_all, name: string, at: string) => `${name}${Number(at) + seconds}`,
  );
}
