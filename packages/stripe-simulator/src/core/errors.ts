/** The `error` object of Stripe's error answers: https://docs.stripe.com/api/errors */
export interface ErrorBody {
  type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  message: string;
  code?: string;
  param?: string;
  decline_code?: string;
  advice_code?: string;
  network_decline_code?: string;
  charge?: string;
  payment_intent?: unknown;
  payment_method?: unknown;
  setup_intent?: unknown;
  doc_url?: string;
}

/** A refusal that is answered as Stripe would. */
export class StripeRefusal extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  /** False where Stripe never began to carry the request out, so the idempotency key stays free. */
  readonly began: boolean;

  constructor(status: number, body: ErrorBody, began = true) {
    super(body.message);
    this.name = "StripeRefusal";
    this.status = status;
    this.body = body.code === undefined ? body : {
      ...body,
      doc_url: `https://stripe.com/docs/error-codes/${body.code.replaceAll("_", "-")}`,
    };
    this.began = began;
  }
}

type Details = Omit<ErrorBody, "type" | "message">;

/** 400 `invalid_request_error`. A parameter's form is looked at before anything is begun. */
export function invalid(message: string, details: Details = {}): StripeRefusal {
  const began = details.code?.startsWith("parameter") !== true;
  return new StripeRefusal(400, { type: "invalid_request_error", message, ...details }, began);
}

/** 400 for parameters that are wrong in form: nothing was begun. */
export function malformed(message: string, details: Details = {}): StripeRefusal {
  return new StripeRefusal(400, { type: "invalid_request_error", message, ...details }, false);
}

/** 404 for the object of the path, 400 for one that a parameter names. */
export function noSuch(kind: string, id: string, param = "id"): StripeRefusal {
  const status = param === "id" || param === "intent" ? 404 : 400;
  const message = `No such ${kind}: '${id}'`;
  return new StripeRefusal(status, {
    type: "invalid_request_error",
    message,
    code: "resource_missing",
    param,
  });
}

/** 402 `card_error`. */
export function cardRefused(message: string, details: Details): StripeRefusal {
  return new StripeRefusal(402, { type: "card_error", message, ...details });
}
