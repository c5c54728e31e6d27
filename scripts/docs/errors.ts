import { errorTable } from "../../shared/contract/error-table.ts";
import { markdownTable } from "./markdown-table.ts";

const introduction = `# Errors

<!-- Made by \`npm run docs:errors\` from shared/contract/error-table.ts; a test fails when it is stale. -->

Every answer that is not a success has this body:

\`\`\`json
{
  "error": {
    "code": "card_declined",
    "message": "Your card has insufficient funds. Please try another card.",
    "requestId": "req_5f0c4f3a-6d5e-4c59-9a43-2f4f3c9a1b77",
    "details": { "declineCode": "insufficient_funds" }
  }
}
\`\`\`

- Decide by \`code\`. The \`message\` is fit to be shown, and its words may change.
- \`requestId\` is also in the response header \`x-request-id\` and in every log line of the request.
- \`details\` is present where there is more to say: \`invalid_request\` has \`issues\`, each with the \`path\`
  in the body and the rule it broke, never the value. The codes of status 402 have \`declineCode\`:
  [Stripe's decline code](https://docs.stripe.com/declines/codes), or its error code where the bank
  gave none.
- **Retry** says whether the same request, sent again unchanged, may succeed. If so, the answer carries
  \`Retry-After\` in seconds.
- After a 402 the session stays open: confirm another card with the same client secret.
`;

/** The text of docs/errors.md. */
export function errorsDocument(): string {
  const rows = Object.entries(errorTable).map(([code, { status, retry, message }]) => [
    `\`${code}\``,
    String(status),
    retry ? "yes" : "no",
    message,
  ]);
  return `${introduction}\n${markdownTable(["Code", "Status", "Retry", "Message"], rows)}`;
}
