import { claimStack } from "./stack.ts";

// Before the test file, which asks for its worker's stack while it is loaded.
await claimStack();
