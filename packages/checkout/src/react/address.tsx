import { type SubmitEvent, useEffect, useRef, useState } from "react";
import type { CreateInput } from "../types.ts";
import { countriesIn } from "./countries.ts";
import { Field } from "./field.tsx";
import type { Field as FieldName } from "./field-of.ts";
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
  readonly refusal: { readonly field: FieldName; readonly message: string } | undefined;
  readonly labels: Labels;
  readonly locale: string;
  readonly onSave: (customer: Customer) => void;
}

/** Where the customer is, for the taxes. */
export function Address({ customer, isDisabled, refusal, labels, locale, onSave }: AddressProps) {
  const [countries] = useState(() => countriesIn(locale));
  const address = customer?.address === "" ? undefined : customer?.address;
  const [country, setCountry] = useState(address?.country ?? "");
  const [postalCode, setPostalCode] = useState(address?.postalCode ?? "");
  const [taxId, setTaxId] = useState(customer?.taxId ?? "");
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  const errorOf = (field: FieldName) => refusal?.field === field ? refusal.message : undefined;
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
      <Field label={labels.country} error={errorOf("address")}>
        {(tied) => (
          <select
            ref={first}
            {...tied}
            className="bos-input"
            autoComplete="billing country"
            required
            value={country}
            onChange={({ target }) => setCountry(target.value)}
          >
            <option value="">{labels.chooseCountry}</option>
            {countries.map(({ code, name }) => <option key={code} value={code}>{name}</option>)}
          </select>
        )}
      </Field>
      <Field label={labels.postalCode} error={undefined}>
        {(tied) => (
          <input
            {...tied}
            className="bos-input"
            autoComplete="billing postal-code"
            maxLength={20}
            required={needPostalCode.has(country)}
            value={postalCode}
            onChange={({ target }) => setPostalCode(target.value)}
          />
        )}
      </Field>
      <Field label={labels.taxId} error={errorOf("taxId")}>
        {(tied) => (
          <input
            {...tied}
            className="bos-input"
            autoComplete="off"
            maxLength={50}
            value={taxId}
            onChange={({ target }) => setTaxId(target.value)}
          />
        )}
      </Field>
      <button type="submit" className="bos-button" disabled={isDisabled}>
        {labels.saveAddress}
      </button>
    </form>
  );
}
