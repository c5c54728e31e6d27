import { type SubmitEvent, useEffect, useId, useRef, useState } from "react";
import type { CreateInput } from "../types.ts";
import { countriesIn } from "./countries.ts";
import type { Field } from "./field-of.ts";
import type { Labels } from "./labels.ts";

export type Customer = Exclude<NonNullable<CreateInput["customer"]>, "">;

/** As create takes it, where nothing may also be said by an empty text. */
export const customerOf = (input: CreateInput | undefined): Customer | undefined =>
  input?.customer === "" ? undefined : input?.customer ?? undefined;

/** These are taxed by place: https://docs.stripe.com/tax/customer-locations */
const needPostalCode = new Set(["US", "CA"]);

interface AddressProps {
  readonly customer: Customer | undefined;
  readonly isDisabled: boolean;
  /** Why the place that was given will not do; nothing where none was asked for before. */
  readonly refusal: { readonly field: Field; readonly message: string } | undefined;
  readonly labels: Labels;
  readonly locale: string;
  readonly onSave: (customer: Customer) => void;
}

/** Where the customer is, for the taxes. */
export function Address({ customer, isDisabled, refusal, labels, locale, onSave }: AddressProps) {
  const id = useId();
  const [countries] = useState(() => countriesIn(locale));
  const address = customer?.address === "" ? undefined : customer?.address;
  const [country, setCountry] = useState(address?.country ?? "");
  const [postalCode, setPostalCode] = useState(address?.postalCode ?? "");
  const [taxId, setTaxId] = useState(customer?.taxId ?? "");
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  const errorOf = (field: Field) => refusal?.field === field ? refusal.message : undefined;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onSave({
      ...customer,
      address: { ...address, country, postalCode: postalCode.trim() || undefined },
      taxId: taxId.trim(),
    });
  };
  return (
    <form className="bos-address" aria-label={labels.address} onSubmit={submit}>
      <p className="bos-note">{labels.addressNeeded}</p>
      <div className="bos-field">
        <label htmlFor={`${id}-country`}>{labels.country}</label>
        <select
          ref={first}
          id={`${id}-country`}
          className="bos-input"
          autoComplete="billing country"
          required
          value={country}
          aria-invalid={errorOf("address") !== undefined}
          aria-describedby={`${id}-error`}
          onChange={({ target }) => setCountry(target.value)}
        >
          <option value="">{labels.chooseCountry}</option>
          {countries.map(({ code, name }) => <option key={code} value={code}>{name}</option>)}
        </select>
      </div>
      <div className="bos-field">
        <label htmlFor={`${id}-postal`}>{labels.postalCode}</label>
        <input
          id={`${id}-postal`}
          className="bos-input"
          autoComplete="billing postal-code"
          maxLength={20}
          required={needPostalCode.has(country)}
          value={postalCode}
          aria-describedby={`${id}-error`}
          onChange={({ target }) => setPostalCode(target.value)}
        />
        <p id={`${id}-error`} className="bos-error" aria-live="polite">{errorOf("address")}</p>
      </div>
      <div className="bos-field">
        <label htmlFor={`${id}-tax`}>{labels.taxId}</label>
        <input
          id={`${id}-tax`}
          className="bos-input"
          autoComplete="off"
          maxLength={50}
          value={taxId}
          aria-invalid={errorOf("taxId") !== undefined}
          aria-describedby={`${id}-tax-error`}
          onChange={({ target }) => setTaxId(target.value)}
        />
        <p id={`${id}-tax-error`} className="bos-error" aria-live="polite">{errorOf("taxId")}</p>
      </div>
      <button type="submit" className="bos-button" disabled={isDisabled}>
        {labels.saveAddress}
      </button>
    </form>
  );
}
