import { type SubmitEvent, useId, useState } from "react";
import type { Supabase } from "../shop.ts";

/** With the project's own Supabase Auth: who is signed in is the customer. */
export function SignIn({ supabase }: { readonly supabase: Supabase }) {
  const id = useId();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const enter = async (how: "signInWithPassword" | "signUp") => {
    setBusy(true);
    setError(undefined);
    const answer = await supabase.auth[how]({ email, password });
    setBusy(false);
    setError(answer.error?.message);
  };
  return (
    <main className="narrow">
      <h1>Sign in</h1>
      <form
        className="card"
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          void enter("signInWithPassword");
        }}
      >
        <div className="bos-field">
          <label htmlFor={`${id}-email`}>E-mail address</label>
          <input
            id={`${id}-email`}
            className="bos-input"
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={({ target }) => setEmail(target.value)}
          />
        </div>
        <div className="bos-field">
          <label htmlFor={`${id}-password`}>Password</label>
          <input
            id={`${id}-password`}
            className="bos-input"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            aria-describedby={`${id}-error`}
            onChange={({ target }) => setPassword(target.value)}
          />
        </div>
        <p id={`${id}-error`} className="bos-error" role="alert">{error}</p>
        <button type="submit" className="bos-button" disabled={isBusy}>Sign in</button>
        <button
          type="button"
          className="plain"
          disabled={isBusy}
          onClick={() => void enter("signUp")}
        >
          Create an account
        </button>
      </form>
    </main>
  );
}
