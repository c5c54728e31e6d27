/**
 * Work that ends in time: what takes longer than so many milliseconds fails with a `TimeoutError`, and what the signal gives up with its
 * reason, whether or not the work heeds the signal that it is given. By hand, since `AbortSignal.any` is missing in
 * Safari before 17.4: https://developer.mozilla.org/en-US/docs/Web/API/AbortSignal/any_static#browser_compatibility
 */
export async function within<Answer>(
  milliseconds: number | undefined,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  signal?.throwIfAborted();
  const gone = new AbortController();
  const leave = () => gone.abort(signal?.reason);
  const tooLate = () =>
    gone.abort(new DOMException("There was no answer in time.", "TimeoutError"));
  const timer = milliseconds === undefined ? undefined : setTimeout(tooLate, milliseconds);
  signal?.addEventListener("abort", leave);
  const givenUp = new Promise<never>((_, reject) => {
    gone.signal.addEventListener("abort", () => reject(gone.signal.reason));
  });
  try {
    return await Promise.race([work(gone.signal), givenUp]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }
}
