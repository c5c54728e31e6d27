import { type ReactNode, useId } from "react";

/** What ties a control to its label and its error. */
interface Tied {
  readonly id: string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string;
}

interface FieldProps {
  readonly label: string;
  /** What is wrong with the entry: said as it comes. */
  readonly error: string | undefined;
  readonly className?: string;
  readonly children: (tied: Tied) => ReactNode;
}

/** A control with its label above it and, below it, what is wrong with the entry. */
export function Field({ label, error, className = "bos-field", children }: FieldProps) {
  const id = useId();
  const errorId = `${id}-error`;
  return (
    <div className={className}>
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": error !== undefined, "aria-describedby": errorId })}
      <p id={errorId} className="bos-error" aria-live="polite">{error}</p>
    </div>
  );
}
