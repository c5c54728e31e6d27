import type { ReactNode } from "react";
import type { CheckoutError } from "../errors.ts";
import type {
  CreateInput,
  CreateResponse,
  PricedProduct,
  ProductPrice,
  Snapshot,
} from "../types.ts";
import type { Labels } from "./labels.ts";
import type { Checkout } from "./use-checkout.ts";

export interface PricingTableProps {
  /** Called with the price that the customer chose, and with what create takes for it: of a subscriber, a change of what they have. */
  readonly onSelect: (price: ProductPrice, product: PricedProduct, input: CreateInput) => void;
  /**
   * Sells another product beside what the customer has, and not in its place. Another price of the same product is a change all
   * the same.
   */
  readonly addsOn?: boolean | undefined;
  /**
   * Called with a subscription of the customer's that stands in the way of a plan, to lead to where it is ended or paid, such as an
   * account page. Without it there is no such button.
   */
  readonly onManage?: ((subscriptionId: string) => void) | undefined;
  /**
   * Shows these products alone, by id or key: they are alternatives to one another, and what the customer has of other products that are
   * on sale is held beside them.
   */
  readonly planIds?: readonly string[] | undefined;
  /** ISO 4217 in small letters; the first that something is sold in unless told. */
  readonly currency?: string | undefined;
  /** Of the products' names: one below the heading that the table stands under; `h3` unless told. */
  readonly heading?: "h2" | "h3" | "h4" | undefined;
  /** BCP 47. */
  readonly locale?: string | undefined;
  readonly labels?: Partial<Labels> | undefined;
}

/** What the app's form for a payment method is given. */
export interface CardStep {
  readonly session: CreateResponse;
  /** Pays by what Stripe.js has made of the customer's entries. */
  readonly pay: NonNullable<Checkout["pay"]>;
  /** Why the last one was refused; it is shown above the form already. */
  readonly error: CheckoutError | undefined;
  /** A payment is on its way, or the amount is about to change: the form is inert meanwhile. */
  readonly isBusy: boolean;
  /** What the form's button says, the amount included. */
  readonly payLabel: string;
}

/** What the app is given for the bank's question. */
export interface ActionStep {
  readonly session: CreateResponse;
  readonly action: Checkout["action"];
  /** Once the bank was asked: confirms again, so that what came of it is known at once. */
  readonly confirm: Checkout["confirmAgain"];
}

export interface PaymentSheetProps {
  /** Whether it is shown. */
  readonly open: boolean;
  readonly onClose: () => void;
  /**
   * What is bought; without it the customer chooses in the sheet. A session is opened once it is shown, and another one where something
   * else is told while nothing is being paid.
   */
  readonly input?: CreateInput | undefined;
  /** A session to go on with, as after a reload; what `input` says of it counts once the customer changes something. */
  readonly sessionId?: string | undefined;
  /** Whether the customer is back from the bank this moment: the address has `redirect_status` then. */
  readonly isBack?: boolean | undefined;
  /** Told each time that a session is opened, and what it was opened for: keep both where a reload finds them. */
  readonly onSession?:
    | ((session: CreateResponse, input: CreateInput | undefined) => void)
    | undefined;
  /** The form for a payment method, such as Stripe's Payment Element. Not asked for where nothing is due. */
  readonly renderCard: (step: CardStep) => ReactNode;
  /**
   * What the bank asks of the customer, such as `stripe.handleNextAction` with the session's client secret, and then, where it
   * has come back without an error, `confirm`; unless told, a link to the bank where it gave one. The sheet is not modal
   * meanwhile, so that what another library shows can be used.
   */
  readonly renderAction?: ((step: ActionStep) => ReactNode) | undefined;
  /** What is chosen in the sheet is sold beside what the customer has, and not in its place: see `PricingTable`. */
  readonly addsOn?: boolean | undefined;
  /** The products to choose from in the sheet, by id or key: see `PricingTable`. */
  readonly planIds?: readonly string[] | undefined;
  /** Leads from the choice in the sheet to where a subscription that stands in the way is ended or paid: see `PricingTable`. */
  readonly onManage?: ((subscriptionId: string) => void) | undefined;
  /** Called once the subscription is there, also where the sheet has been closed while it was being paid. */
  readonly onSuccess?: ((snapshot: Snapshot) => void) | undefined;
  /** Shown beside the sheet, or below it where there is no room. */
  readonly aside?: ReactNode;
  /** BCP 47. */
  readonly locale?: string | undefined;
  readonly labels?: Partial<Labels> | undefined;
}
