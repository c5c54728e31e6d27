import type { Ground } from "./ground.ts";

/** What a row's ratio to its yardstick, or its value alone, should come to. */
export interface Target {
  readonly of: "ratio" | "value";
  readonly is: "at least" | "at most";
  readonly bound: number;
}

/** Measures once and answers in the figure's unit. */
export type Measure = () => Promise<number>;

/** One thing that is measured in every round, right beside its yardstick. */
export interface Row {
  readonly name: string;
  /** Rows that share a measure, or a yardstick, name the same function: it is measured once a round. */
  readonly measure: Measure;
  /** None where a number is only reported. */
  readonly yardstick?: Measure;
  readonly target?: Target;
  /** Where the figure's unit is not this row's. */
  readonly unit?: string;
}

/** A figure that is set up: its rows, and what was found out beside the numbers. */
export interface OpenFigure {
  readonly rows: readonly Row[];
  /** Asked for after the last round, a sentence each. */
  readonly notes?: () => Promise<readonly string[]>;
  readonly close?: () => Promise<void>;
}

export interface Figure {
  /** By which `--figure` finds it. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** What the yardstick is, in words. */
  readonly yardstick: string;
  /** How many rounds it is worth by default. */
  readonly rounds: number;
  open(ground: Ground): Promise<OpenFigure>;
}

export const atLeast = (bound: number, of: Target["of"] = "ratio"): Target => ({
  of,
  is: "at least",
  bound,
});

export const atMost = (bound: number, of: Target["of"] = "ratio"): Target => ({
  of,
  is: "at most",
  bound,
});
