/** A moment as a day, where the customer is. */
export const dayOf = (timestamp: string): string =>
  new Intl.DateTimeFormat("en", { dateStyle: "long" }).format(new Date(timestamp));
