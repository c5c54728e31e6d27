import { WebSocket } from "ws";

/**
 * `ws` follows the browser's interface, but its declarations have event and listener types of their
 * own, so that TypeScript does not see it.
 */
function isWebSocket(value: unknown): value is typeof globalThis.WebSocket {
  return value === WebSocket;
}

function asTransport(value: unknown): typeof globalThis.WebSocket {
  if (!isWebSocket(value)) throw new TypeError("not the WebSocket of ws");
  return value;
}

/** What supabase-js takes as `realtime.transport` on Node 20, which has no WebSocket of its own. */
export const nodeTransport = asTransport(WebSocket);
