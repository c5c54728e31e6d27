import { afterAll, afterEach } from "vitest";
import { expectDescribed, lookAtAnswers } from "./openapi/answers.ts";

lookAtAnswers();
// A test fails whose answers docs/openapi.json does not have.
afterEach(expectDescribed);
afterAll(expectDescribed);
