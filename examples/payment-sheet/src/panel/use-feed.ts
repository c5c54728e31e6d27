import { useEffect, useState } from "react";
import { type Feed, feedOf } from "./feed.ts";

export interface Followed {
  readonly feed: Feed | undefined;
  /** Whether what happens now would be told. */
  readonly isLive: boolean;
}

const NOTHING: Followed = { feed: undefined, isLive: false };

/** Follows a developer's feed: each message is the whole of it, and a connection that is lost is made anew by the browser. */
export function useFeed(url: string | undefined): Followed {
  const [followed, setFollowed] = useState<Followed & { readonly url?: string }>(NOTHING);
  useEffect(() => {
    if (url === undefined) return undefined;
    const source = new EventSource(url);
    source.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      const feed = feedOf(String(data));
      if (feed !== undefined) setFollowed({ url, feed, isLive: true });
    });
    source.addEventListener("error", () => {
      setFollowed((before) => ({ ...before, isLive: false }));
    });
    return () => source.close();
  }, [url]);
  // What is known of another session is not shown, not even until the next message.
  return followed.url === url ? followed : NOTHING;
}
