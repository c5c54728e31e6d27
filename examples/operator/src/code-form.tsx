import { type FormEvent, useState } from "react";
import { fieldOf } from "./form.ts";
import { passFactor } from "./queries/factors.ts";

/** Asks for the code that an authenticator app shows. */
export function CodeForm({ factorId, action, onPassed }: {
  readonly factorId: string;
  /** What the button says. */
  readonly action: string;
  readonly onPassed: () => void;
}) {
  const [reason, setReason] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const pass = async (code: string) => {
    setBusy(true);
    const refused = await passFactor(factorId, code);
    setBusy(false);
    setReason(refused);
    if (refused === undefined) onPassed();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void pass(fieldOf(event.currentTarget, "code").replaceAll(/\s/g, ""));
  };

  return (
    <form onSubmit={submit}>
      <label>
        Code
        <input name="code" inputMode="numeric" autoComplete="one-time-code" required />
      </label>
      {reason !== undefined && <p role="alert" className="error">{reason}</p>}
      <button type="submit" disabled={isBusy}>{action}</button>
    </form>
  );
}
