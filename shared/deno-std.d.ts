/** Types of the parts of `deno-std` in use: the npm package carries Deno std as plain JavaScript. */

declare module "deno-std/http/status.js" {
  export const STATUS_CODE: {
    readonly OK: 200;
    readonly Created: 201;
    readonly Accepted: 202;
    readonly NoContent: 204;
    readonly BadRequest: 400;
    readonly Unauthorized: 401;
    readonly PaymentRequired: 402;
    readonly Forbidden: 403;
    readonly NotFound: 404;
    readonly MethodNotAllowed: 405;
    readonly Conflict: 409;
    readonly Gone: 410;
    readonly ContentTooLarge: 413;
    readonly UnsupportedMediaType: 415;
    readonly TooManyRequests: 429;
    readonly InternalServerError: 500;
    readonly ServiceUnavailable: 503;
  };
}

declare module "deno-std/encoding/base64url.js" {
  export function encodeBase64Url(data: ArrayBuffer | Uint8Array | string): string;
  export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer>;
}

declare module "deno-std/async/retry.js" {
  export interface RetryOptions {
    /** Milliseconds. */
    readonly minTimeout?: number;
    /** Milliseconds. */
    readonly maxTimeout?: number;
    readonly maxAttempts?: number;
    readonly multiplier?: number;
    readonly jitter?: number;
    readonly isRetriable?: (error: unknown) => boolean;
  }
  /** Carries the last failure as its cause. */
  export class RetryError extends Error {}
  export function retry<T>(run: () => Promise<T> | T, options?: RetryOptions): Promise<T>;
}

declare module "deno-std/async/delay.js" {
  export function delay(milliseconds: number): Promise<void>;
}

declare module "deno-std/async/deadline.js" {
  /** Rejects with a TimeoutError `DOMException` after that many milliseconds. */
  export function deadline<T>(promise: Promise<T>, milliseconds: number): Promise<T>;
}

declare module "deno-std/bytes/concat.js" {
  export function concat(buffers: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
}

declare module "deno-std/crypto/timing_safe_equal.js" {
  export function timingSafeEqual(
    a: Uint8Array | ArrayBuffer,
    b: Uint8Array | ArrayBuffer,
  ): boolean;
}
