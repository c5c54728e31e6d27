import { describe, expect, it } from "vitest";
import { PHONE } from "../support/chromium.ts";
import { ACTIVE, openCounter, pageUrl, pay, said } from "../support/sheet.ts";

const counter = await openCounter();

// No inline script or style, and no text that becomes a script: https://www.w3.org/TR/CSP3/
const STRICT = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:*",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
].join("; ");

describe("the payment sheet in an app", () => {
  it("sells under a strict Content-Security-Policy", async () => {
    let isServed = false;
    const one = await counter.open("pro-monthly", {
      prepare: async (context) => {
        // Chromium does not know where a page is from that a test has answered, and asks whether it may call this machine.
        await context.grantPermissions(["local-network-access"]);
        await context.route(pageUrl, async (route) => {
          const response = await route.fetch();
          const headers = { ...response.headers(), "content-security-policy": STRICT };
          isServed = true;
          await route.fulfill({ response, headers });
        });
      },
    });
    await pay(one);
    await said(one, ACTIVE);
    expect(isServed).toBe(true);
    expect(one.complaints).toEqual([]);
  });

  it("keeps a form of the app within a phone's screen", async () => {
    const one = await counter.open("pro-monthly", { viewport: PHONE });
    await one.page.getByLabel("Card number").waitFor();
    // As a choice of saved cards may be.
    await one.page.evaluate(`document.querySelector(".bos-pay").insertAdjacentHTML("afterbegin",
      "<form><select style='max-width: 100%'><option>" + "a long name ".repeat(9) + "</option></select></form>")`);
    const beyond = await one.page.evaluate(
      "document.querySelector('.bos-panel').scrollWidth - document.querySelector('.bos-panel').clientWidth",
    );
    expect(beyond).toBe(0);
  });
});
