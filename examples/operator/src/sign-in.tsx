import { type FormEvent, useState } from "react";
import { fieldOf } from "./form.ts";
import { supabase } from "./supabase.ts";

export function SignIn() {
  const [reason, setReason] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const signIn = async (email: string, password: string) => {
    setBusy(true);
    setReason(undefined);
    const { error } = await supabase.auth.signInWithPassword({ email, password });
    setBusy(false);
    if (error !== null) setReason(error.message);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    void signIn(fieldOf(form, "email"), fieldOf(form, "password"));
  };

  return (
    <main className="sign-in">
      <h1>Sign in</h1>
      <form onSubmit={submit}>
        <label>
          E-mail address
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {reason !== undefined && <p role="alert" className="error">{reason}</p>}
        <button type="submit" disabled={isBusy}>Sign in</button>
      </form>
    </main>
  );
}
