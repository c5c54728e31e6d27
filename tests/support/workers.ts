/** How many test files run at a time; each worker that needs a stack has one of its own. */
export const WORKERS = 2;
