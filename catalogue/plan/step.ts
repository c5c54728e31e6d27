import type { CataloguePrice } from "../../shared/domain/price-match.ts";

/** What differs, by the setting's name. */
export type Changes = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;

/**
 * One thing that a push does. In the order of a plan: at Stripe what makes and mends; then the database, all of it or nothing;
 * then at Stripe what takes away or needs a row's id.
 */
export type Step =
  | {
    readonly on: "stripe";
    readonly what: "product";
    readonly act: "create";
    readonly key: string;
    readonly name: string;
    readonly description: string | null;
    /** The row's, which Stripe does not have any more. */
    readonly replaces: string | null;
  }
  | {
    readonly on: "stripe";
    readonly what: "product";
    readonly act: "update";
    readonly key: string;
    readonly id: string;
    readonly changes: Changes;
  }
  | {
    readonly on: "stripe";
    readonly what: "price";
    readonly act: "create";
    readonly key: string;
    readonly productKey: string;
    readonly terms: CataloguePrice;
    /** The one that had the key before. */
    readonly replaces: string | null;
  }
  | {
    readonly on: "stripe";
    readonly what: "price";
    readonly act: "update";
    readonly key: string;
    readonly id: string;
    readonly changes: Changes;
  }
  | {
    readonly on: "database";
    readonly what: "organization" | "feature" | "product" | "price" | "discount";
    readonly act: "create";
    readonly key: string;
  }
  | {
    readonly on: "database";
    readonly what: "organization" | "feature" | "product" | "price" | "discount";
    readonly act: "update";
    readonly key: string;
    /** The row's. */
    readonly id: string;
    readonly changes: Changes;
  }
  | {
    readonly on: "database";
    readonly what: "price";
    /** Another row takes over the key. */
    readonly act: "replace";
    readonly key: string;
    readonly id: string;
    readonly changes: Changes;
  }
  | {
    readonly on: "database";
    readonly what: "product" | "price" | "discount";
    readonly act: "archive";
    /** The row's key, or its id where it has none. */
    readonly key: string;
    readonly id: string;
  }
  | {
    readonly on: "stripe";
    readonly what: "price";
    readonly act: "archive";
    readonly id: string;
    readonly productId: string;
    /** Whether it is its product's default price, which Stripe does not archive. */
    readonly isDefault: boolean;
    /** The key whose price is the default from now on; null leaves the product without one. */
    readonly successor: string | null;
    /** Checkouts that may still be paid at it: Stripe would refuse their subscriptions. */
    readonly waitsFor: number;
  }
  | {
    readonly on: "stripe";
    readonly what: "product";
    readonly act: "archive";
    readonly id: string;
    readonly waitsFor: number;
  }
  | {
    readonly on: "stripe";
    readonly what: "coupon";
    readonly act: "create";
    /** The discount's. */
    readonly key: string;
  };

export type StepOf<On extends Step["on"], What extends Step["what"], Act extends Step["act"]> =
  Extract<Step, { readonly on: On; readonly what: What; readonly act: Act }>;

/** Whether a step is left for a later push, since checkouts are still open. */
export const waits = (step: Step): boolean => "waitsFor" in step && step.waitsFor > 0;

/** Whether what products grant was changed, which subscriptions that are running follow when grants are rebuilt. */
export const grantsChange = (steps: readonly Step[]): boolean =>
  steps.some((step) =>
    step.on === "database" && step.what === "product" && step.act === "update" &&
    "features" in step.changes
  );

/** The settings in which two things differ; each a plain value. */
export function changesOf<Row extends object>(from: Row, to: Partial<Row>): Changes {
  const entries = Object.entries(to).flatMap(([field, wanted]) => {
    const had: unknown = Reflect.get(from, field);
    return same(had, wanted) ? [] : [[field, { from: had, to: wanted }] as const];
  });
  return Object.fromEntries(entries);
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export const differs = (changes: Changes): boolean => Object.keys(changes).length > 0;

/** Where an id is not known before Stripe has made the object. */
export const NEW = "(new)";
