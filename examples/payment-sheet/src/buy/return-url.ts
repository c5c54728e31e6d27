/** Where the bank sends the customer back to: this page, as its address has the session. */
export const returnUrl = (): string => location.href;
