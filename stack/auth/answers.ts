export interface AuthAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** As Auth says it since its API version 2024-01-01. */
export const refusal = (status: number, code: string, message: string): AuthAnswer => ({
  status,
  body: { code, message },
});
