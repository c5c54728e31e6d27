import { useCallback, useLayoutEffect, useRef, useState } from "react";
import { CheckoutError } from "../errors.ts";
import type { CreateInput, CreateResponse, Snapshot } from "../types.ts";
import { within } from "../within.ts";
import { type Action, keepAction, keptAction } from "./kept-action.ts";
import { useProvided } from "./provider.tsx";
import { useRefresh } from "./queries.ts";
import { type CheckoutStep, endOf, fresh, type Payment, type Progress, stepOf } from "./steps.ts";
import { useCheckoutStatus } from "./use-checkout-status.ts";
import { useConfirm } from "./use-confirm.ts";

export interface Checkout {
  readonly step: CheckoutStep;
  /** What was asked for last. */
  readonly input: CreateInput | undefined;
  readonly session: CreateResponse | undefined;
  /** The newest that is known of the session. */
  readonly snapshot: Snapshot | undefined;
  /** What was refused last, fit for the customer; at the step `card` another payment method may be tried. */
  readonly error: CheckoutError | undefined;
  /** Why `revise` was refused: a coupon, a number of seats, an address. What stood before it stands. */
  readonly refusal: CheckoutError | undefined;
  /** Whether `revise` is on its way. */
  readonly isRevising: boolean;
  /** At the step `action`: where the bank asks, and what it asks for. A reload in the same tab does not lose it. */
  readonly action: Action | undefined;
  /** Opens a session for a price. */
  readonly start: (input: CreateInput) => Promise<void>;
  /** Asks for the same with other seats, another coupon or address: a new session in the place of the one so far. */
  readonly revise: (changes: Partial<CreateInput>) => Promise<void>;
  /** Goes on with a session of the customer's that was opened before, as after a reload. */
  readonly resume: (sessionId: string, known?: Resumed) => Promise<void>;
  /** Pays by a payment method of Stripe.js; none where nothing is due. */
  readonly pay: (payment?: Payment) => Promise<void>;
  /**
   * At the step `action`, once the bank has agreed: confirms again with the same payment method, where it is known, which it is not after
   * a reload. Where the bank has refused it would be asked anew. What came of it the session's status tells in any case, a little later.
   */
  readonly confirmAgain: () => Promise<void>;
  /** At the step `action`: takes another payment method in the place of the one that the bank asks about. */
  readonly payOtherwise: () => void;
  /** Gives the session up, where one is open, and begins anew. */
  readonly reset: () => Promise<void>;
}

/** What an app still knows of a session that it goes on with. */
export interface Resumed {
  /** What the session was opened for, as far as it is known; `revise` builds on it. */
  readonly input?: CreateInput | undefined;
  /** Whether the customer comes back from the bank this moment, as `redirect_status` in the address tells. */
  readonly isBack?: boolean | undefined;
}

/** Milliseconds within which a customer is led to the bank, with or without what is read beside it. */
const SOON = 5_000;
/** For which a session that is given up holds up what comes after it: an answer that is lost would hold it up for a minute. */
const GIVEN_UP = 10_000;

/** A checkout from the choice of a price to its end. */
export function useCheckout(): Checkout {
  const { client, followed: { turn } } = useProvided();
  const confirm = useConfirm();
  const refresh = useRefresh();
  const [progress, setProgress] = useState(fresh);
  const [of, setOf] = useState(turn);
  if (of !== turn) {
    // Nobody pays for what another customer has begun.
    setOf(turn);
    setProgress(fresh);
  }
  const { session, input, calling: calls } = progress;
  const { snapshot, error: lost } = useCheckoutStatus(session);
  /** One call at a time: a second click buys nothing. */
  const calling = useRef<symbol>(undefined);
  /** Waited for: else who asks for former terms again would be given the session that is just being canceled. */
  const canceling = useRef<Promise<unknown>>(undefined);
  /** What is answered to the customer before is shown to no other. */
  const turnOfCalls = useRef(turn);
  useLayoutEffect(() => {
    if (turnOfCalls.current !== turn) calling.current = undefined;
    turnOfCalls.current = turn;
  }, [turn]);
  /** The session that is shown. */
  const shown = useRef<string>(undefined);
  useLayoutEffect(() => {
    shown.current = session?.id;
    return () => {
      shown.current = undefined;
    };
  }, [session]);

  /** Makes a call; what it answers belongs to the checkout that it was made in, and to none that was begun since. */
  const call = useCallback(
    async (
      kind: NonNullable<Progress["calling"]>,
      change: (now: Progress) => Progress,
      work: (isWaitedFor: () => boolean) => Promise<Partial<Progress>>,
    ) => {
      if (calling.current !== undefined) return;
      const mine = Symbol(kind);
      calling.current = mine;
      const isWaitedFor = () => calling.current === mine;
      const end = (outcome: Partial<Progress>) => {
        if (!isWaitedFor()) return;
        calling.current = undefined;
        setProgress((now) => ({ ...now, ...outcome, calling: undefined }));
      };
      const nothing = { error: undefined, refusal: undefined };
      setProgress((now) => ({ ...change(now), ...nothing, calling: kind }));
      try {
        end(await work(isWaitedFor));
      } catch (thrown) {
        const refused = thrown instanceof CheckoutError;
        // What is shown of what the customer has is old.
        if (refused && thrown.status === 409) void refresh();
        end(refused ? { [kind === "revising" ? "refusal" : "error"]: thrown } : {});
        if (!refused) throw thrown;
      }
    },
    [refresh],
  );

  const giveUp = useCallback(({ id }: CreateResponse) => {
    const last = within(GIVEN_UP, undefined, (signal) => client.cancel(id, { signal }));
    // It may have ended by itself, and expires in any case.
    canceling.current = Promise.all([canceling.current, last.catch(() => undefined)]);
  }, [client]);

  const start = useCallback(
    (wanted: CreateInput) =>
      call("opening", () => ({ ...fresh, input: wanted }), async (isWaitedFor) => {
        await canceling.current;
        // Nothing is opened for who has signed in since.
        return isWaitedFor() ? { session: await client.create(wanted) } : {};
      }),
    [call, client],
  );
  const resume: Checkout["resume"] = useCallback(
    (sessionId, known = {}) =>
      call("opening", () => ({ ...fresh, input: known.input }), async () => ({
        session: await client.ownStatus(sessionId),
        isBack: known.isBack === true,
        ...keptAction(sessionId),
      })),
    [call, client],
  );
  const revise: Checkout["revise"] = useCallback(
    (changes) =>
      call("revising", (now) => now, async (isWaitedFor) => {
        const known = input ??
          (session && { priceId: session.priceId, quantity: session.quantity });
        if (known === undefined) throw new Error("there is nothing to revise");
        const wanted = { ...known, ...changes };
        await canceling.current;
        if (!isWaitedFor()) return {};
        const next = await client.create(wanted);
        // Not before the new one stands. The old one expires in any case.
        if (session !== undefined && session.id !== next.id) giveUp(session);
        return { ...fresh, input: wanted, session: next };
      }),
    [call, client, giveUp, input, session],
  );
  const version = snapshot?.version ?? 0;
  const payNow = useCallback(
    (payment?: Payment) =>
      call(
        "paying",
        (now) => ({ ...fresh, input: now.input, session: now.session, payment }),
        async () => {
          if (session === undefined) throw new Error("there is no session to pay for");
          const { id, clientSecret } = session;
          keepAction(id, undefined);
          if (clientSecret === "") {
            await confirm(id, { sessionId: id });
            return { isConfirmed: true };
          }
          if (payment === undefined) throw new Error("a payment method is needed");
          const { requiresAction, actionUrl, nextAction, success, status } = await confirm(id, {
            clientSecret,
            ...payment,
          });
          if (!requiresAction) return { isConfirmed: success || status === "processing" };
          // What is known already will do where that is not told soon.
          const asked = await within(SOON, undefined, (signal) => client.status(id, { signal }))
            .catch(() => ({ version }));
          const kept = {
            action: {
              ...(actionUrl === undefined ? {} : { actionUrl }),
              ...(nextAction === undefined ? {} : { nextAction }),
            },
            askedAt: asked.version,
          };
          keepAction(id, kept);
          return kept;
        },
      ),
    [call, client, confirm, session, version],
  );
  const pay: Checkout["pay"] = useCallback(
    async (payment) => {
      // A form asks Stripe first, and was sent off for what was shown then: it pays neither for what has come in its place nor, unseen, for
      // that.
      if (shown.current === session?.id) await payNow(payment);
    },
    [payNow, session],
  );
  const { payment: last } = progress;
  const confirmAgain = useCallback(async () => {
    if (last !== undefined) await payNow(last);
  }, [payNow, last]);
  const payOtherwise = useCallback(
    () => setProgress((now) => ({ ...now, action: undefined, isBack: false, isOtherwise: true })),
    [],
  );
  const reset = useCallback(async () => {
    calling.current = undefined;
    setProgress(fresh);
    if (session !== undefined) giveUp(session);
    await canceling.current;
  }, [giveUp, session]);

  const step = stepOf({ ...progress, snapshot, lost });
  // What the session has from an attempt before is no news while another one is on its way.
  const error = progress.error ?? lost ?? (calls === "paying" ? undefined : endOf(snapshot));
  return {
    step,
    input,
    session,
    snapshot,
    // What was refused, or not answered, before a success was no end.
    error: step === "success" ? undefined : error,
    refusal: progress.refusal,
    isRevising: calls === "revising",
    action: progress.action,
    start,
    revise,
    resume,
    pay,
    confirmAgain,
    payOtherwise,
    reset,
  };
}
