/** Seconds for which a worker or a run may hold an event; longer than an edge function may run. */
export const LEASE_SECONDS = 180;
