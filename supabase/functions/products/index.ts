import { proofs } from "../../../shared/compose/callers.ts";
import { compose, database } from "../../../shared/compose/compose.ts";
import { productRows } from "../../../shared/database/products.ts";
import { productsEndpoint } from "./handler.ts";

const { ports, serve } = compose("products", { rows: database(productRows), proofs });

export default serve([
  { method: "GET", path: "/products", handle: productsEndpoint(ports) },
]);
