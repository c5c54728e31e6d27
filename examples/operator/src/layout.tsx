import { type ReactNode, useEffect, useRef } from "react";
import type { Organization } from "./queries/organizations.ts";
import { linkTo, type Page, PAGES } from "./route.ts";
import { forgetSignIn } from "./supabase.ts";

const isPage = (name: string): name is Page => Object.hasOwn(PAGES, name);

export function Layout({ page, place, organizations, organization, choose, children }: {
  readonly page: Page;
  /** Which page it is, to the id of what it shows. */
  readonly place: string;
  readonly organizations: readonly Organization[];
  readonly organization: Organization;
  readonly choose: (id: string) => void;
  readonly children: ReactNode;
}) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(place);
  // Who follows a link by keyboard, or hears the page, goes on at what it leads to; not so when the page is opened.
  useEffect(() => {
    if (shown.current !== place) main.current?.focus();
    shown.current = place;
  }, [place]);

  return (
    <>
      <header>
        {organizations.length > 1
          ? (
            <label className="organization">
              Organization
              <select value={organization.id} onChange={(event) => choose(event.target.value)}>
                {organizations.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
              </select>
            </label>
          )
          : <p className="organization">{organization.name}</p>}
        <span className="mode">{organization.livemode ? "live" : "test mode"}</span>
        <nav aria-label="Pages">
          <ul>
            {Object.entries(PAGES).map(([name, title]) =>
              isPage(name) && (
                <li key={name}>
                  <a href={linkTo(name)} aria-current={name === page ? "page" : undefined}>
                    {title}
                  </a>
                </li>
              )
            )}
          </ul>
        </nav>
        <button type="button" onClick={() => void forgetSignIn()}>Sign out</button>
      </header>
      <main ref={main} tabIndex={-1}>{children}</main>
    </>
  );
}
