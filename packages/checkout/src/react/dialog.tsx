import { type ReactNode, useLayoutEffect, useRef } from "react";

export interface DialogProps {
  readonly title: string;
  readonly titleId: string;
  readonly closeLabel: string;
  /** Asked for by Escape, or by the button. */
  readonly onClose: () => void;
  /** Shown beside the sheet, or below it where there is no room. */
  readonly aside?: ReactNode;
  /**
   * Not while something of another library is to be used above the sheet: what is outside of a modal dialog is inert and below it,
   * whatever its `z-index`. https://developer.mozilla.org/en-US/docs/Glossary/Top_layer
   */
  readonly isModal: boolean;
  readonly children: ReactNode;
}

/**
 * A modal dialog of the browser's own, shown for as long as the component is there: the page behind it takes neither focus nor
 * clicks, Escape asks to close it, and focus goes back to where it was.
 * https://developer.mozilla.org/en-US/docs/Web/API/HTMLDialogElement/showModal
 */
export function Dialog(props: DialogProps) {
  const { title, titleId, closeLabel, onClose, aside, isModal, children } = props;
  const ref = useRef<HTMLDialogElement>(null);
  // Closed while it is still in the page, for only then does the browser give focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (isModal) dialog?.showModal();
    else dialog?.show();
    return () => dialog?.close();
  }, [isModal]);
  return (
    <dialog
      ref={ref}
      className="bos-sheet"
      data-beside={aside !== undefined}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // It is the app's to take it away.
        event.preventDefault();
        onClose();
      }}
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
