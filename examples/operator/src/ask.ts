import { useCallback, useEffect, useRef, useState } from "react";

export interface Asked<Data> {
  /** What was answered last; undefined before the first answer. */
  readonly data: Data | undefined;
  /** Why the last question was not answered. */
  readonly error: string | undefined;
  readonly again: () => void;
}

/**
 * Asks when shown, when `key` changes, when told to, and every so many milliseconds.
 *
 * @param key says what is asked: an answer to another question is not shown
 */
export function useAsk<Data>(
  key: string,
  question: () => Promise<Data>,
  every?: number,
): Asked<Data> {
  const [state, setState] = useState<{ key: string; data?: Data; error?: string }>({ key });
  const [turn, setTurn] = useState(0);
  const latest = useRef(question);
  latest.current = question;

  useEffect(() => {
    let isCurrent = true;
    const ask = async () => {
      try {
        const data = await latest.current();
        if (isCurrent) setState({ key, data });
      } catch (error) {
        if (!isCurrent) return;
        const reason = error instanceof Error ? error.message : String(error);
        setState((before) =>
          before.key === key ? { ...before, error: reason } : { key, error: reason }
        );
      }
    };
    void ask();
    return () => {
      isCurrent = false;
    };
  }, [key, turn]);

  const again = useCallback(() => setTurn((before) => before + 1), []);
  useEffect(() => {
    if (every === undefined) return;
    const timer = setInterval(() => {
      if (!document.hidden) again();
    }, every);
    return () => clearInterval(timer);
  }, [every, again]);

  const isAnswer = state.key === key;
  return {
    data: isAnswer ? state.data : undefined,
    error: isAnswer ? state.error : undefined,
    again,
  };
}
