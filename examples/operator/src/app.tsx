import { useEffect, useRef, useState } from "react";
import { Answer } from "./answer.tsx";
import { useAsk } from "./ask.ts";
import { useSignIn } from "./auth.ts";
import { Layout } from "./layout.tsx";
import { Charts } from "./pages/charts.tsx";
import { Factors } from "./pages/factors.tsx";
import { Guard } from "./pages/guard.tsx";
import { Inbox } from "./pages/inbox.tsx";
import { NoMember } from "./pages/no-member.tsx";
import { Refunds } from "./pages/refunds.tsx";
import { Sessions } from "./pages/sessions.tsx";
import { Timeline } from "./pages/timeline.tsx";
import { type Organization, readOrganizations } from "./queries/organizations.ts";
import { readOwedFactor } from "./queries/factors.ts";
import { type Page, useRoute } from "./route.ts";
import { SecondFactor } from "./second-factor.tsx";
import { SignIn } from "./sign-in.tsx";

export function App() {
  const signedIn = useSignIn();
  if (signedIn === undefined) return <output>Reading…</output>;
  // Another user's page is another page.
  return signedIn === null ? <SignIn /> : <Door key={signedIn.user.id} userId={signedIn.user.id} />;
}

/** A password alone gets no further than here, where a second factor is set up. */
function Door({ userId }: { readonly userId: string }) {
  const asked = useAsk(readOwedFactor);
  return (
    <Answer asked={asked}>
      {(factorId) =>
        factorId === null
          ? <Desk userId={userId} />
          : <SecondFactor factorId={factorId} onPassed={asked.again} />}
    </Answer>
  );
}

const pages = {
  inbox: Inbox,
  refunds: Refunds,
  guards: Guard,
  charts: Charts,
  factors: Factors,
} satisfies Partial<Record<Page, unknown>>;

function Desk({ userId }: { readonly userId: string }) {
  const { page, sessionId } = useRoute();
  const [chosen, choose] = useState<string>();
  const asked = useAsk(readOrganizations);
  // Asked anew on each page: whoever is a member no more, or is signed out elsewhere, is told so.
  const { again } = asked;
  const place = `${page} ${sessionId ?? ""}`;
  const shown = useRef(place);
  useEffect(() => {
    if (shown.current !== place) again();
    shown.current = place;
  }, [place, again]);
  const show = (organization: Organization) => {
    const { id } = organization;
    if (sessionId !== undefined) return <Timeline key={sessionId} sessionId={sessionId} />;
    if (page === "sessions") return <Sessions key={id} organizationId={id} />;
    const Shown = pages[page];
    return <Shown key={`${page} ${id}`} organizationId={id} />;
  };
  return (
    <Answer asked={asked}>
      {(organizations) => {
        const organization = organizations.find(({ id }) => id === chosen) ?? organizations[0];
        if (organization === undefined) return <NoMember userId={userId} />;
        return (
          <Layout
            page={page}
            place={place}
            organizations={organizations}
            organization={organization}
            choose={choose}
          >
            {show(organization)}
          </Layout>
        );
      }}
    </Answer>
  );
}
