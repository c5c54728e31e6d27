import { type ReactNode, useEffect, useRef } from "react";

export interface DialogProps {
  readonly title: string;
  readonly titleId: string;
  readonly closeLabel: string;
  /** Asked for by Escape, or by the button. */
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * A modal dialog of the browser's own, shown for as long as the component is there: the page behind it takes neither focus nor
 * clicks, Escape asks to close it, and focus goes back to where it was.
 * https://developer.mozilla.org/en-US/docs/Web/API/HTMLDialogElement/showModal
 */
export function Dialog({ title, titleId, closeLabel, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className="bos-sheet"
      aria-labelledby={titleId}
      onCancel={(event) => {
        // It is the app's to take it away.
        event.preventDefault();
        onClose();
      }}
    >
      <header className="bos-header">
        <h2 id={titleId}>{title}</h2>
        <button type="button" className="bos-close" aria-label={closeLabel} onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}
