import { useCallback, useEffect, useRef, useState } from "react";

export interface Asked<Data> {
  /** What was answered last; undefined before the first answer. */
  readonly data: Data | undefined;
  /** Why the last question was not answered. */
  readonly error: string | undefined;
  readonly again: () => void;
}

type Question<Data> = () => Promise<Data>;

interface Answer<Data> {
  readonly to?: Question<Data>;
  readonly data?: Data;
  readonly error?: string;
}

async function answerTo<Data>(question: Question<Data>): Promise<Answer<Data>> {
  try {
    return { to: question, data: await question() };
  } catch (error) {
    return { to: question, error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Asks when shown, when told to, and every so many milliseconds.
 *
 * @param question another function is another question: an answer to the one before is not shown any more
 */
export function useAsk<Data>(question: Question<Data>, every?: number): Asked<Data> {
  const [answer, setAnswer] = useState<Answer<Data>>({});
  const current = useRef<Question<Data>>(undefined);

  const ask = useCallback(async () => {
    const given = await answerTo(question);
    if (current.current !== question) return;
    // What was answered before stays beside the reason why it could not be read anew.
    setAnswer((before) =>
      given.error !== undefined && before.to === question
        ? { ...before, error: given.error }
        : given
    );
  }, [question]);

  useEffect(() => {
    current.current = question;
    const first = async () => {
      await ask();
    };
    void first();
    return () => {
      current.current = undefined;
    };
  }, [question, ask]);

  useEffect(() => {
    if (every === undefined) return;
    const timer = setInterval(() => {
      if (!document.hidden) void ask();
    }, every);
    return () => clearInterval(timer);
  }, [every, ask]);

  const again = useCallback(() => void ask(), [ask]);
  const isAnswer = answer.to === question;
  return {
    data: isAnswer ? answer.data : undefined,
    error: isAnswer ? answer.error : undefined,
    again,
  };
}
