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
  /** The trace of the session that it was about. */
  readonly sessionTraceId: string | undefined;
  /** When it came, in milliseconds of the Unix epoch. */
  readonly cameAt: number;
  /** The same instant, and that of the answer, by `performance.now()`. */
  readonly begun: number;
  readonly ended: number;
  readonly calls: readonly DependencyCall[];
}
