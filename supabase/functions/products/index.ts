import { connect } from "../../../shared/database/client.ts";
import { productRows } from "../../../shared/database/products.ts";
import {
  allowedOrigins,
  databaseEnvironment,
  environmentRecord,
  tokenKeys,
} from "../../../shared/runtime/environment.ts";
import { serve } from "../../../shared/http/serve.ts";
import { consoleLogger } from "../../../shared/runtime/log.ts";
import { sessionTokens } from "../../../shared/tokens/session-token.ts";
import { productsEndpoint } from "./handler.ts";

const environment = environmentRecord((name) => Deno.env.get(name), [
  "database",
  "tokens",
  "browsers",
]);
const products = productsEndpoint({
  rows: productRows(connect(databaseEnvironment(environment))),
  tokens: sessionTokens(tokenKeys(environment)),
});

export default {
  fetch: serve([
    { method: "GET", path: "/products", handle: products },
  ], { log: consoleLogger("products"), allowedOrigins: allowedOrigins(environment) }),
};
