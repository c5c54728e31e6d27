export { type Catalogue, type CatalogueInput, defineCatalogue } from "./define.ts";
