import { useState } from "react";
import { Answer, Time } from "../answer.tsx";
import { useAsk } from "../ask.ts";
import { CodeForm } from "../code-form.tsx";
import { enroll, type Enrollment, readFactors, removeFactor } from "../queries/factors.ts";

/** Where a member sets up the own second factor, and takes it away. */
export function Factors() {
  const asked = useAsk(readFactors);
  const [begun, setBegun] = useState<Enrollment>();
  const [reason, setReason] = useState<string>();

  const tried = async (work: () => Promise<void>) => {
    setReason(undefined);
    try {
      await work();
    } catch (error) {
      setReason(error instanceof Error ? error.message : String(error));
    }
    asked.again();
  };
  const begin = () => tried(async () => setBegun(await enroll()));
  const end = () => {
    setBegun(undefined);
    asked.again();
  };

  return (
    <>
      <h1>Second factor</h1>
      {reason !== undefined && <p role="alert" className="error">{reason}</p>}
      {begun === undefined
        ? (
          <Answer asked={asked}>
            {([factor]) =>
              factor === undefined
                ? (
                  <>
                    <p>
                      Your password alone opens this page. With an authenticator app set up, each
                      sign-in asks for its code, and your other sign-ins are ended.
                    </p>
                    <button type="button" onClick={() => void begin()}>
                      Set up an authenticator app
                    </button>
                  </>
                )
                : (
                  <>
                    <p>
                      Each sign-in asks for the code of the authenticator app that was set up at
                      {" "}
                      <Time at={factor.created_at} />.
                    </p>
                    <button
                      type="button"
                      onClick={() => void tried(() => removeFactor(factor.id))}
                    >
                      Remove it
                    </button>
                  </>
                )}
          </Answer>
        )
        : (
          <>
            <p>Add this key to your authenticator app, then type the code that it shows.</p>
            {begun.picture !== "" && <img src={begun.picture} alt="The key, as a QR code" />}
            <pre aria-label="Key">{begun.secret}</pre>
            <CodeForm factorId={begun.id} action="Set up" onPassed={end} />
          </>
        )}
    </>
  );
}
