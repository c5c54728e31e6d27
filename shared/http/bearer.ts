/**
 * The credential of an `Authorization: Bearer` header, or undefined where there is none. A user's access token carries metadata
 * that the app chooses (https://supabase.com/docs/guides/auth/jwt-fields), so it is the longest that there is.
 */
export function bearer(request: Request): string | undefined {
  return /^Bearer +(\S{1,8192})$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}
