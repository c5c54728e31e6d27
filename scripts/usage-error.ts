/** The operator asked for something that is not there or not allowed; the message says what, and the usage follows. */
export class UsageError extends Error {}
