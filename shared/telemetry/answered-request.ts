import type { DependencyCall } from "./dependency-calls.ts";
import type { TraceContext } from "./trace-context.ts";

/** A request that was answered, with nothing in it that its caller has written but the trace. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly method: string;
  /** `http` or `https`. */
  readonly scheme: string;
  /** The pattern of its path, undefined where none fits. */
  readonly route: string | undefined;
  readonly status: number;
  /** The contract's code, where it was refused. */
  readonly errorCode: string | undefined;
  /** The trace that its caller says it is part of. */
  readonly trace: TraceContext | undefined;
  /** The session that it was about, whose id is no span's to say: it is the proof for the session's state. */
  readonly session: TracedSession | undefined;
  /** When it came, in milliseconds of the Unix epoch. */
  readonly cameAt: number;
  /** The same instant, and that of the answer, by `performance.now()`. */
  readonly begun: number;
  readonly ended: number;
  readonly calls: readonly DependencyCall[];
}

/** A session that was opened within a trace. */
export interface TracedSession {
  readonly id: string;
  readonly traceId: string;
  /** Whether this very request has opened it. */
  readonly opened: boolean;
}
