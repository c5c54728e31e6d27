/**
 * How many test files run at a time; each worker that needs a stack has one of its own. One more than the two cores that are
 * reckoned with: a test waits for other processes half of its time.
 */
export const WORKERS = 3;

/** What a failed comparison tells of what it found: a few lines, of which a log may keep no others. */
export const CHAI = { truncateThreshold: 2_000 };
