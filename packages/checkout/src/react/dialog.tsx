import { type ReactNode, useEffect, useLayoutEffect, useRef } from "react";

export interface DialogProps {
  readonly title: string;
  readonly titleId: string;
  readonly closeLabel: string;
  /** Asked for by Escape, or by the button. */
  readonly onClose: () => void;
  /** Shown beside the sheet, or below it where there is no room. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/**
 * A dialog above the page, shown for as long as the component is there: the page behind it takes neither focus nor clicks, Escape asks
 * to close it, and focus goes back to where it was.
 *
 * It is not the browser's modal one, for whatever is outside of that is inert and below it, whatever its `z-index`
 * (https://developer.mozilla.org/en-US/docs/Glossary/Top_layer): the windows in which Stripe.js asks for the bank, a sign-in or a
 * captcha, which it appends to the page, could not be used (https://github.com/stripe/stripe-js/issues/599).
 */
export function Dialog(props: DialogProps) {
  const { title, titleId, closeLabel, onClose, aside, children } = props;
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    const before = document.activeElement;
    dialog.show();
    const page = outsideOf(dialog);
    for (const part of page) part.inert = true;
    return () => {
      for (const part of page) part.inert = false;
      dialog.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    const closeByKey = ({ key, isComposing, defaultPrevented }: KeyboardEvent) => {
      if (key === "Escape" && !isComposing && !defaultPrevented) onClose();
    };
    document.addEventListener("keydown", closeByKey);
    return () => document.removeEventListener("keydown", closeByKey);
  }, [onClose]);
  return (
    <dialog
      ref={ref}
      className="bos-sheet"
      data-beside={aside !== undefined}
      aria-labelledby={titleId}
    >
      <div className="bos-panel">
        <header className="bos-header">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="bos-close" aria-label={closeLabel} onClick={onClose}>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
              <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="1.75" />
            </svg>
          </button>
        </header>
        {children}
      </div>
      {aside !== undefined && <div className="bos-panel bos-aside">{aside}</div>}
    </dialog>
  );
}

/** Frames that Stripe.js keeps in the page from its start, some of which it shows later; that these are among them is inferred. */
const STRIPE = 'iframe[name^="__privateStripe"]';

/** What is in the page by now beside the dialog, and can be used so far. */
function outsideOf(dialog: Element): HTMLElement[] {
  const found: HTMLElement[] = [];
  for (let inner = dialog; inner !== document.body && inner.parentElement !== null;) {
    for (const part of inner.parentElement.children) {
      if (part !== inner && part instanceof HTMLElement && !part.inert) found.push(part);
    }
    inner = inner.parentElement;
  }
  return found.filter((part) => !part.matches(STRIPE) && part.querySelector(STRIPE) === null);
}
