import { describe, expect, it } from "vitest";
import { newPerson } from "../support/desk.ts";
import {
  ACTIVE,
  button,
  config,
  openCounter,
  pay,
  refused,
  said,
  stack,
} from "../support/sheet.ts";

const counter = await openCounter();
const { shop } = counter;

describe("a customer who signs in with the project's own Auth", () => {
  it("buys by that token alone, and another one sees nothing of it", async () => {
    await shop.query(
      "update billing.organizations set auth_users = 'off' where auth_users <> 'off'",
    );
    await shop.query("update billing.organizations set auth_users = 'users' where id = $1", [
      stack.organizationId,
    ]);
    const person = await newPerson();
    const one = await counter.openWith({ ...config, sessionTokenUrl: "" });
    const { page } = one;
    const enter = async (password: string) => {
      await page.getByLabel("E-mail address").fill(person.email);
      await page.getByLabel("Password").fill(password);
      await button(one, "Sign in").click();
    };
    await enter("not the password");
    await page.getByRole("alert").getByText("Invalid login credentials").waitFor();
    await counter.looksRight(one, "sign-in");
    await enter(person.password);
    await page.getByRole("listitem", { name: "Pro" }).getByRole("button").click();
    await pay(one);
    await said(one, ACTIVE);
    const rows = await shop.query(
      `select 1 from billing.subscriptions s join billing.customers c on c.id = s.customer_id
       where c.external_id = $1`,
      [person.id],
    );
    expect(rows).toHaveLength(1);
    await button(one, "Done").click();
    await page.getByText("Next payment: $29.00").waitFor();
    await page.reload();
    await page.getByText("Next payment: $29.00").waitFor();
    await button(one, "Sign out").click();
    await button(one, "Sign in").waitFor();
    await page.reload();
    await button(one, "Sign in").waitFor();
    expect(one.complaints.filter((each) => !refused(400).test(each))).toEqual([]);
  });
});
