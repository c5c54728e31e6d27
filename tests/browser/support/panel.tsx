import { StrictMode, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { DeveloperPanel } from "../../../examples/payment-sheet/src/panel/index.ts";

const subscribe = (listener: () => void) => {
  globalThis.addEventListener("hashchange", listener);
  return () => globalThis.removeEventListener("hashchange", listener);
};

/** The panel alone, of the session that the address names. */
function Page() {
  const id = useSyncExternalStore(subscribe, () => location.hash.slice(1));
  return <DeveloperPanel url="/developer" sessionId={id === "" ? undefined : id} />;
}

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no place for the panel");
createRoot(root).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
