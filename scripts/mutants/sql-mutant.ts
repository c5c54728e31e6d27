/** One rule taken out of the migrations, and the tests that must notice. */
export interface SqlMutant {
  /** What no longer holds. */
  readonly law: string;
  /** In `supabase/migrations/`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** In `tests/database/`, without their ending. */
  readonly tests: readonly string[];
}

/** The name of a migration's file. */
export const at = (number: string, topic: string) => `20261101${number}_${topic}.sql`;
