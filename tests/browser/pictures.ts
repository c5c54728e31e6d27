// `npm run docs:pictures`: the six pictures of README.md, from the page that the stack serves, in docs/images.
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { projectRoot } from "../../scripts/source/project-files.ts";
import { startStack } from "../../stack/index.ts";

const FOLDER = join(projectRoot, "docs/images");
/** Bytes: they are read with the README. */
const LARGEST = 80_000;
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

interface Picture {
  readonly name: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: "light" | "dark";
  /** The price's key; the page of plans where there is none. */
  readonly order?: string;
  /** Until it shows what the picture is of. */
  readonly until: (page: Page) => Promise<unknown>;
}

const pay = async (page: Page, method: RegExp) => {
  await page.getByText("Test numbers").click();
  await page.getByRole("button", { name: method }).click();
  await page.getByText("Test numbers").click();
  await page.getByRole("button", { name: /^(Pay|Save card)/ }).click();
};

const pictures: readonly Picture[] = [
  {
    name: "plans",
    viewport: DESK,
    colorScheme: "light",
    until: (page) => page.getByRole("listitem", { name: "Pro" }).waitFor(),
  },
  {
    name: "panel",
    viewport: DESK,
    colorScheme: "dark",
    order: "pro-monthly",
    until: async (page) => {
      await pay(page, /^Succeeds/);
      await page.getByText("Done. Your subscription is active.").waitFor();
      await page.getByText(/granted: api-access/).first().waitFor();
    },
  },
  {
    name: "seats",
    viewport: PHONE,
    colorScheme: "light",
    order: "team-seats&seats=3&coupon=WELCOME",
    until: (page) => page.getByRole("button", { name: "Pay $27.00" }).waitFor(),
  },
  {
    name: "trial",
    viewport: PHONE,
    colorScheme: "dark",
    order: "scale-monthly",
    until: (page) => page.getByText(/after 14 days/).waitFor(),
  },
  {
    name: "declined",
    viewport: PHONE,
    colorScheme: "light",
    order: "pro-monthly",
    until: async (page) => {
      await pay(page, /^Insufficient/);
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "bank",
    viewport: PHONE,
    colorScheme: "dark",
    order: "pro-monthly-jpy",
    until: async (page) => {
      await pay(page, /^Asks the bank/);
      await page.getByRole("link", { name: "Continue with your bank" }).waitFor();
    },
  },
];

const stack = await startStack({ env: process.env });
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  await mkdir(FOLDER, { recursive: true });
  for (const { name, order, until, ...look } of pictures) {
    const context = await browser.newContext({ ...look, reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.goto(
      `${stack.info.exampleUrl}${order === undefined ? "" : `/#/buy?price=${order}`}`,
    );
    await until(page);
    const path = join(FOLDER, `${name}.jpg`);
    await page.screenshot({ path, type: "jpeg", quality: 60 });
    const { size } = await stat(path);
    if (size > LARGEST) throw new Error(`${name}.jpg has ${size} bytes`);
    console.log(`docs/images/${name}.jpg  ${size} bytes`);
    await context.close();
  }
} finally {
  await browser.close();
  await stack.stop();
}
// Not by itself: a stack's clients hold timers for some seconds.
process.exit();
