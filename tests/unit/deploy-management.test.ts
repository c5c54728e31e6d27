import { expect, it } from "vitest";
import { management } from "../../scripts/deploy/management.ts";

it("a platform that cannot be reached is named, with why and what to look at", async () => {
  const platform = management({
    ref: "abcdefghijklmnopqrst",
    accessToken: "sbp_none",
    // A port on which nothing of this machine listens.
    managementUrl: "http://127.0.0.1:1",
    databaseUrl: "",
    projectUrl: "",
    livemode: false,
    webhookSecrets: [],
    secrets: {},
  }, "/");
  await expect(platform.projectState()).rejects.toThrow(
    /^the management API at http:\/\/127\.0\.0\.1:1 cannot be reached \(.+\); look at this machine's network/,
  );
});
