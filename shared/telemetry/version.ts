/** This release, as package.json and the changelog have it. */
export const VERSION = "0.1.0";
