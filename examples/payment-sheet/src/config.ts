/** What the page has to know of the project that it sells for: `config.json`, served beside the page. */
export interface Config {
  /** `https://<ref>.supabase.co/functions/v1`. */
  readonly functionsUrl: string;
  /** Where Realtime and Auth are: `https://<ref>.supabase.co`. */
  readonly supabaseUrl: string;
  /** `sb_publishable_…`. */
  readonly supabasePublishableKey: string;
  /**
   * The merchant's server: `POST` with `{ "externalUserId": "…" }` answers `{ "sessionToken": "bos_session_…" }`. Without one,
   * customers sign in with Supabase Auth, whose tokens the functions take where the organization says so.
   */
  readonly sessionTokenUrl?: string | undefined;
  /** The developer's feed of the embedded stack, without a slash at its end; the panel is shown where there is one. */
  readonly developerUrl?: string | undefined;
  /** Whether Stripe is the embedded stack's: then the card form has Stripe's test numbers, and Stripe.js is not loaded. */
  readonly testCards: boolean;
}

const environment: Partial<Record<keyof Config, string | undefined>> = {
  functionsUrl: import.meta.env.VITE_FUNCTIONS_URL,
  supabaseUrl: import.meta.env.VITE_SUPABASE_URL,
  supabasePublishableKey: import.meta.env.VITE_SUPABASE_PUBLISHABLE_KEY,
  sessionTokenUrl: import.meta.env.VITE_SESSION_TOKEN_URL,
};

/** From Vite's environment where that names a project, else from `config.json`. */
export async function readConfig(): Promise<Config> {
  if (environment.functionsUrl !== undefined) return configOf(environment);
  const answer = await fetch("config.json", { cache: "no-store" });
  if (!answer.ok) throw new Error("There is no config.json beside this page.");
  return configOf(await answer.json());
}

function configOf(told: unknown): Config {
  const known = new Map(Object.entries(typeof told === "object" && told !== null ? told : {}));
  const optional = (name: keyof Config): string | undefined => {
    const value: unknown = known.get(name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const needed = (name: keyof Config): string => {
    const value = optional(name);
    if (value === undefined) throw new Error(`The configuration lacks ${name}.`);
    return value;
  };
  return {
    functionsUrl: needed("functionsUrl"),
    supabaseUrl: needed("supabaseUrl"),
    supabasePublishableKey: needed("supabasePublishableKey"),
    sessionTokenUrl: optional("sessionTokenUrl"),
    developerUrl: optional("developerUrl"),
    testCards: known.get("testCards") === true,
  };
}
