import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// What hangs is ended by the test's own timeout.
configure({ asyncUtilTimeout: 180_000 });

// Each test is a tab of its own, with nothing kept of a session that another test was shown under the same id.
afterEach(() => {
  cleanup();
  sessionStorage.clear();
});
