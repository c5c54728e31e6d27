/** The one thing that entry points take from Deno's global; the rest of the code is runtime-neutral. */
declare const Deno: { readonly env: { get(name: string): string | undefined } };
