/** The one thing that compose/ takes from Deno's global; the rest of the code is runtime-neutral. */
declare const Deno: { readonly env: { get(name: string): string | undefined } };
