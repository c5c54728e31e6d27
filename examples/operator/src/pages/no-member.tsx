import { forgetSignIn } from "../supabase.ts";

/** For a user of the project who is no member of any organization, such as a customer. */
export function NoMember({ userId }: { readonly userId: string }) {
  return (
    <main>
      <h1>You are no member of an organization</h1>
      <p>
        You are signed in, and no organization lets you see its checkouts. Whoever runs this project
        makes you a member, by your user id:
      </p>
      <pre>npm run members -- add --organization &lt;key&gt; --user {userId}</pre>
      <button type="button" onClick={() => void forgetSignIn()}>Sign out</button>
    </main>
  );
}
