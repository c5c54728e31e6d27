/** All that a browser's key may use, each with its reason. Whatever else the look finds is a hole. */
export const explained: Readonly<Record<string, string>> = {
  "schema public: usage by anon":
    "the platform's own grant; it lets names be found and opens none of them",
  "schema public: usage by authenticated": "the same",
  "function billing_private.checkout_topic_exists(p_topic text): execute by anon":
    "the policy on realtime.messages calls it as the caller; it tells who knows a session's id that the session exists",
  "function billing_private.checkout_topic_exists(p_topic text): execute by authenticated":
    "the same",
  "schema billing: usage by authenticated":
    "lets supabase-js call the functions below by name, and members of an organization read what their policies show",
  "function billing.has_feature(p_feature_key text): execute by authenticated":
    "the policies of the merchant's own tables call it; it tells the caller's own features",
  "function billing.feature_limit(p_feature_key text): execute by authenticated": "the same",
  ...Object.fromEntries(
    [
      "organizations",
      "checkout_sessions",
      "checkout_attempts",
      "payment_intents",
      "organization_guards",
    ]
      .map((name) => [
        `column of billing.${name}: select by authenticated`,
        "members read their organization's rows; tests/database/members.test.ts names the columns",
      ]),
  ),
  ...Object.fromEntries(
    ["checkout_funnel", "time_to_active", "decline_codes", "refunds_owed"].map((name) => [
      `relation billing.${name}: select by authenticated`,
      "of those rows, with the rights of whoever asks",
    ]),
  ),
  "function billing_private.my_organizations(): execute by authenticated":
    "the policies call it as the member; it tells the caller's own organizations, and no schema that it lies in is open, so nobody calls it by name",
  "function billing.dead_events(p_organization_id uuid): execute by authenticated":
    "a member's inbox, of an organization of the member's alone",
  "function billing.replay_dead_event(p_stripe_event_id text): execute by authenticated":
    "the one thing that a member may do, to an event of such an organization",
  "function billing.session_facts(p_session_id uuid): execute by authenticated":
    "a timeline, of a session of such an organization",
};
