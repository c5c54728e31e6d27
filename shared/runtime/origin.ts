/** Schemes whose pages have an origin that browsers write as `null` (https://html.spec.whatwg.org/#concept-origin-opaque). */
const OPAQUE = new Set(["about:", "blob:", "data:", "file:", "javascript:"]);
/** A scheme and a host of an app's own; a host that the URL standard does not know is kept as it is written. */
const APP = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+(:[1-9][0-9]{0,4})?$/;

/**
 * Whether a browser, or the web view of an app, sends this as `Origin`. Apps have schemes of their own:
 * `capacitor://localhost` (https://capacitorjs.com/docs/config, `iosScheme`), `tauri://localhost`
 * (https://v2.tauri.app/reference/config, `useHttpsScheme`). Of these the URL standard gives no origin, so that their
 * written form has to do.
 */
export function isOrigin(text: string): boolean {
  if (text.includes("*") || !URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  if (origin !== "null") return origin === text;
  return !OPAQUE.has(protocol) && APP.test(text);
}
