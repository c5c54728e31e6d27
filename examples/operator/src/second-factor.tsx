import { CodeForm } from "./code-form.tsx";
import { forgetSignIn } from "./supabase.ts";

/** For somebody whose password was right, and who has set up an authenticator app: until its code is, no row is shown. */
export function SecondFactor({ factorId, onPassed }: {
  readonly factorId: string;
  readonly onPassed: () => void;
}) {
  return (
    <main className="sign-in">
      <h1>Second factor</h1>
      <p>Type the code that your authenticator app shows.</p>
      <CodeForm factorId={factorId} action="Continue" onPassed={onPassed} />
      <button type="button" onClick={() => void forgetSignIn()}>Sign out</button>
    </main>
  );
}
