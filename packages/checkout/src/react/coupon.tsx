import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { Field } from "./field.tsx";
import type { Labels } from "./labels.ts";

interface CouponProps {
  /** The one that counts. */
  readonly code: string | undefined;
  readonly isDisabled: boolean;
  readonly refusal: string | undefined;
  readonly labels: Labels;
  /** With a code to try, or undefined to give the one that counts up. */
  readonly onTry: (code: string | undefined) => void;
}

/** A coupon's code: a button, then a field, then the code that counts. */
export function Coupon({ code, isDisabled, refusal, labels, onTry }: CouponProps) {
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const remove = useRef<HTMLButtonElement>(null);
  const isTaken = code !== undefined;
  useEffect(() => {
    // What had focus has made way for it.
    if (isOpen) (isTaken ? remove : field).current?.focus();
  }, [isOpen, isTaken]);
  if (code !== undefined) {
    return (
      <p className="bos-coupon">
        <span className="bos-badge">{code}</span>
        <button
          ref={remove}
          type="button"
          className="bos-link"
          disabled={isDisabled}
          onClick={() => {
            setTyped("");
            setOpen(true);
            onTry(undefined);
          }}
        >
          {labels.remove(code)}
        </button>
      </p>
    );
  }
  if (!isOpen) {
    return (
      <button
        type="button"
        className="bos-link"
        disabled={isDisabled}
        onClick={() => setOpen(true)}
      >
        {labels.addCoupon}
      </button>
    );
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (typed.trim() !== "") onTry(typed.trim());
  };
  return (
    <form onSubmit={submit} noValidate>
      <Field label={labels.coupon} error={refusal}>
        {(tied) => (
          <div className="bos-beside">
            <input
              ref={field}
              {...tied}
              className="bos-input"
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              maxLength={100}
              readOnly={isDisabled}
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
            />
            <button type="submit" className="bos-quiet" disabled={isDisabled}>
              {labels.apply}
            </button>
          </div>
        )}
      </Field>
    </form>
  );
}
