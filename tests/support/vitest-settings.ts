/**
 * How many test files run at a time; each worker that needs a stack has one of its own. One more than the two cores that are
 * reckoned with: a test waits for other processes half of its time.
 */
export const WORKERS = 3;

/** Chai cuts what it found to 40 characters, which tell of a list no more than how long it is. */
export const CHAI = { truncateThreshold: 2_000 };
