import type { CardStep } from "@billingos/checkout/react";
import { type SubmitEvent, useId, useRef, useState } from "react";
import { returnUrl } from "./return-url.ts";
import { isGoodExpiry, spaced, spacedExpiry, testMethodOf, testMethods } from "./test-methods.ts";

interface Entries {
  readonly number: string;
  readonly expiry: string;
  readonly code: string;
}
type Errors = Partial<Record<keyof Entries, string | undefined>>;

const wrongOf = ({ number, expiry, code }: Entries): Errors => ({
  ...(testMethodOf(number) === undefined
    ? { number: "Only the test numbers below work here." }
    : {}),
  ...(isGoodExpiry(expiry, new Date()) ? {} : { expiry: "Any month to come." }),
  ...(/^\d{3,4}$/.test(code) ? {} : { code: "Any three digits." }),
});

/** In the place of Stripe's Payment Element, on a stack without Stripe: what is typed here is never sent anywhere. */
export function TestCard({ pay, isBusy, payLabel }: CardStep) {
  const id = useId();
  const [entries, setEntries] = useState<Entries>({ number: "", expiry: "", code: "" });
  const [errors, setErrors] = useState<Errors>({});
  const form = useRef<HTMLFormElement>(null);
  const write = (name: keyof Entries, value: string) => {
    setEntries((now) => ({ ...now, [name]: value }));
    setErrors((now) => ({ ...now, [name]: undefined }));
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wrong = wrongOf(entries);
    setErrors(wrong);
    const [first] = Object.keys(wrong);
    if (first !== undefined) {
      form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
      return;
    }
    const { paymentMethodId = "" } = testMethodOf(entries.number) ?? {};
    void pay({ paymentMethodId, returnUrl: returnUrl() });
  };
  const field = (
    name: keyof Entries,
    label: string,
    hint: string,
    shape: (text: string) => string,
  ) => (
    <div className={`bos-field card-${name}`}>
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <input
        id={`${id}-${name}`}
        name={name}
        className="bos-input"
        inputMode="numeric"
        autoComplete="off"
        placeholder={hint}
        value={entries[name]}
        aria-invalid={errors[name] !== undefined}
        aria-describedby={`${id}-${name}-error`}
        onChange={({ target }) => write(name, shape(target.value))}
      />
      <p id={`${id}-${name}-error`} className="bos-error" aria-live="polite">{errors[name]}</p>
    </div>
  );
  return (
    <form ref={form} className="card-form" noValidate onSubmit={submit}>
      {field("number", "Card number", "1234 1234 1234 1234", spaced)}
      {field("expiry", "Expiry", "MM / YY", spacedExpiry)}
      {field("code", "Security code", "CVC", (text) => text.replace(/\D/g, "").slice(0, 4))}
      <button type="submit" className="bos-button" disabled={isBusy}>{payLabel}</button>
      <details className="test-numbers">
        <summary>Test numbers</summary>
        <ul>
          {testMethods.map(({ name, number }) => (
            <li key={number}>
              <button
                type="button"
                onClick={() => {
                  setEntries({ number, expiry: "12 / 40", code: "123" });
                  setErrors({});
                }}
              >
                <span>{name}</span> <code>{number}</code>
              </button>
            </li>
          ))}
        </ul>
      </details>
    </form>
  );
}
