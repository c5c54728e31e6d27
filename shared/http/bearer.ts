/** The credential of an `Authorization: Bearer` header, or undefined where there is none. */
export function bearer(request: Request): string | undefined {
  return /^Bearer +(\S{1,4096})$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}
