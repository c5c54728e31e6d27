import { useEffect, useState } from "react";
import { Field } from "./field.tsx";
import type { Labels } from "./labels.ts";

/** Milliseconds without another click before the new number is asked for. */
const PAUSE = 400;

interface SeatsProps {
  /** What the customer wants, and what the session has. */
  readonly wanted: number;
  readonly quantity: number;
  readonly bounds: { readonly min: number; readonly max?: number | undefined };
  readonly isRevising: boolean;
  readonly isDisabled: boolean;
  readonly refusal: string | undefined;
  readonly labels: Labels;
  readonly onWant: (seats: number) => void;
  /** Called once the customer has paused. */
  readonly onSettle: (seats: number) => void;
}

/** How many seats are bought. */
export function Seats(props: SeatsProps) {
  const { wanted, quantity, isRevising, isDisabled, bounds, labels, onSettle } = props;
  const { min, max = Infinity } = bounds;
  const isWhole = Number.isInteger(wanted) && wanted >= min && wanted <= max;
  const [asked, setAsked] = useState<number>();
  const refusal = asked === wanted ? props.refusal : undefined;
  useEffect(() => {
    // What is being paid is asked for again after that, if it comes to nothing.
    const isAsking = isRevising || isDisabled;
    if (!isWhole || isAsking || wanted === quantity || wanted === asked) return undefined;
    const timer = setTimeout(() => {
      setAsked(wanted);
      onSettle(wanted);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [isWhole, isRevising, isDisabled, wanted, quantity, asked, onSettle]);
  const onWant = (seats: number) => {
    setAsked(undefined);
    props.onWant(seats);
  };
  const step = (by: number, name: string, sign: string) => (
    <button
      type="button"
      aria-label={name}
      disabled={isDisabled || wanted + by < min || wanted + by > max}
      onClick={() => onWant(wanted + by)}
    >
      {sign}
    </button>
  );
  return (
    <Field
      className="bos-field bos-seats"
      label={labels.seats}
      error={refusal ?? (isWhole ? undefined : labels.seatsBetween(min, props.bounds.max))}
    >
      {(tied) => (
        <div className="bos-stepper">
          {step(-1, labels.fewerSeats, "−")}
          <input
            {...tied}
            type="number"
            inputMode="numeric"
            min={min}
            {...(max === Infinity ? {} : { max })}
            disabled={isDisabled}
            value={Number.isNaN(wanted) ? "" : wanted}
            onChange={({ target }) => onWant(target.valueAsNumber)}
          />
          {step(1, labels.moreSeats, "+")}
        </div>
      )}
    </Field>
  );
}
