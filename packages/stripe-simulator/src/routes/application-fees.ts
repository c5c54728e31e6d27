import { route } from "../http/router.ts";

const retrieve = route(
  "GET",
  "/v1/application_fees/:id",
  {},
  ({ account, ids }) => account.applicationFees.get(ids[0] ?? ""),
);

export const applicationFeeRoutes = [retrieve];
