import { afterEach } from "vitest";

// Each test is a tab of its own, with nothing kept of a session that another test was shown under the same id.
afterEach(() => sessionStorage.clear());
