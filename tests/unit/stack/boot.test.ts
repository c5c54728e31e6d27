import { expect, it } from "vitest";
import { Boot, settled } from "../../../stack/boot.ts";

it("parts are closed once, the last opened first, also when one fails to close", async () => {
  const boot = new Boot();
  const closed: string[] = [];
  await boot.open("one", () => Promise.resolve("one"), (opened) => {
    closed.push(opened);
    return Promise.resolve();
  });
  boot.closeWith(() => Promise.reject(new Error("stuck")));
  boot.closeWith(() => {
    closed.push("three");
    return Promise.resolve();
  });
  await expect(boot.close()).rejects.toThrow("did not stop clean");
  await expect(boot.close()).rejects.toThrow("did not stop clean");
  expect(closed).toEqual(["three", "one"]);
});

it("a part that does not open is not closed", async () => {
  const boot = new Boot();
  const broken = boot.open("one", () => Promise.reject(new Error("no")), () => {
    throw new Error("closed");
  });
  await expect(broken).rejects.toThrow("no");
  await boot.close();
});

it("a failed start is told once the others are over", async () => {
  let finished = false;
  const slow = new Promise<void>((resolve) =>
    setTimeout(() => {
      finished = true;
      resolve();
    }, 30)
  );
  await expect(settled(Promise.reject(new Error("no")), slow)).rejects.toThrow("no");
  expect(finished).toBe(true);
});
