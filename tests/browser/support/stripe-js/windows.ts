import { type Caller, readIntent } from "./intents.ts";

/**
 * A frame above the page. It is appended to the body, with a high `z-index`: https://github.com/stripe/stripe-js/issues/599; that it
 * takes focus is inferred.
 */
function openWindow(content: { readonly src: string } | { readonly srcdoc: string }) {
  const frame = document.createElement("iframe");
  Object.assign(frame, { name: "__privateStripeFrame1", title: "Stripe", ...content });
  frame.style.cssText =
    "position: fixed; inset: 0; z-index: 2147483647; width: 100%; height: 100%; border: 0; background: #fff";
  document.body.append(frame);
  frame.focus();
  return frame;
}

/** Until the customer has signed in with a bank. */
export const signInAtBank = () =>
  new Promise<void>((resolve) => {
    const frame = openWindow({ srcdoc: "<h1>Your bank</h1><button>Sign in</button>" });
    frame.addEventListener("load", () => {
      frame.contentDocument?.querySelector("button")?.addEventListener("click", () => {
        frame.remove();
        resolve();
      });
    });
  });

/** Until the customer has answered what the card's bank asks; what the intent is then. */
export async function askTheBank(caller: Caller, clientSecret: string): Promise<string> {
  const { next_action } = await readIntent(caller, clientSecret);
  const frame = openWindow({ src: next_action?.use_stripe_sdk?.stripe_js ?? "" });
  const status = await new Promise<string>((resolve, reject) => {
    const look = async () => {
      const intent = await readIntent(caller, clientSecret);
      if (intent.status !== "requires_action") resolve(intent.status);
    };
    // The bank's page comes first, and then what it says to the answer.
    frame.addEventListener("load", () => void look().catch(reject));
  });
  frame.remove();
  return status;
}
