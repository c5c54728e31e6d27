import { STATUS_CODE } from "deno-std/http/status.js";
import type { Call } from "../../../shared/http/routes.ts";
import { createCheckout, type CreateDependencies } from "../checkout-create/handler.ts";

/**
 * The older SDK calls these paths (billingos-sdk at commit 89a98472, src/client/index.ts) and reads the answer under
 * `checkoutSession`; others of its age read the fields at the top.
 */
export function sdkCreateEndpoint(dependencies: CreateDependencies) {
  const create = createCheckout(dependencies);
  return async (call: Call): Promise<Response> => {
    const session = await create(call);
    return Response.json({ ...session, checkoutSession: session }, { status: STATUS_CODE.Created });
  };
}
