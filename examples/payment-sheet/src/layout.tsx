import type { ReactNode } from "react";
import type { Route } from "./route.ts";

interface LayoutProps extends Pick<Route, "page"> {
  readonly leave: () => void;
  readonly leaveLabel: string;
  readonly children: ReactNode;
}

export function Layout({ page, leave, leaveLabel, children }: LayoutProps) {
  const link = (name: Route["page"], href: string, label: string) => (
    <a href={href} aria-current={page === name ? "page" : undefined}>{label}</a>
  );
  return (
    <>
      <header className="top">
        <span className="brand">Example app</span>
        <nav aria-label="Pages">
          {link("plans", "#/", "Plans")}
          {link("account", "#/account", "Account")}
        </nav>
        <button type="button" className="plain" onClick={leave}>{leaveLabel}</button>
      </header>
      <main>{children}</main>
    </>
  );
}
