import { isObject, type JsonSchema } from "../openapi/json-schema.ts";
import { type Html, html, prose } from "./html.ts";

const listed = (value: unknown): readonly unknown[] => Array.isArray(value) ? value : [];

/** A schema in a few words: its type, or a link to what describes it. */
export function typeOf(schema: unknown): Html {
  if (!isObject(schema)) return html`anything`;
  const name = typeof schema["$ref"] === "string" ? schema["$ref"].split("/").at(-1) : undefined;
  if (name !== undefined) return html`<a href="#schema-${name}">${name}</a>`;
  const branches = [...listed(schema["anyOf"]), ...listed(schema["allOf"]).slice(0, 1)];
  if (branches.length > 0) {
    return html`${branches.map((branch, at) => html`${at === 0 ? "" : " or "}${typeOf(branch)}`)}`;
  }
  if ("const" in schema) return html`<code>${JSON.stringify(schema["const"])}</code>`;
  const words = listed(schema["enum"]).map((word) => JSON.stringify(word)).join(" | ");
  if (words !== "") return html`<code>${words}</code>`;
  if (schema["type"] === "array") return html`list of ${typeOf(schema["items"])}`;
  const types = [schema["type"] ?? "anything"].flat().map(String).join(" or ");
  return html`${types}${bounds(schema)}`;
}

function bounds({ minimum, maximum, maxLength, format }: JsonSchema): string {
  const said = [
    typeof format === "string" ? format : "",
    typeof minimum === "number" && minimum > Number.MIN_SAFE_INTEGER ? `from ${minimum}` : "",
    typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER ? `to ${maximum}` : "",
    typeof maxLength === "number" ? `up to ${maxLength} characters` : "",
  ].filter((one) => one !== "");
  return said.length === 0 ? "" : `, ${said.join(" ")}`;
}

/** What a schema is, and a row for each of its properties, those within them included. */
export function described(schema: JsonSchema): Html {
  const rows = propertiesOf(schema, "");
  const { description } = schema;
  return html`${typeof description === "string" ? prose(description) : undefined}${
    rows.length === 0 ? html`<p>${typeOf(schema)}</p>` : html`
      <table>
        <thead>
          <tr>
            <th scope="col">Property</th>
            <th scope="col">Type</th>
            <th scope="col">What it is</th>
          </tr>
        </thead>
        <tbody>${rows}</tbody>
      </table>
    `
  }`;
}

function propertiesOf(schema: unknown, above: string): Html[] {
  if (!isObject(schema)) return [];
  const { properties, required } = schema;
  const own = Object.entries(isObject(properties) ? properties : {}).flatMap(([name, one]) =>
    [row(above + name, one, listed(required).includes(name))].concat(
      propertiesOf(one, `${above}${name}.`),
    )
  );
  return [
    ...own,
    ...listed(schema["anyOf"]).flatMap((branch) => propertiesOf(branch, above)),
    ...propertiesOf(schema["items"], above),
  ];
}

function row(name: string, schema: unknown, isRequired: boolean): Html {
  const told = isObject(schema) ? schema["description"] : undefined;
  return html`
    <tr>
      <th scope="row"><code>${name}</code>${isRequired ? undefined : " (optional)"}</th>
      <td>${typeOf(schema)}</td>
      <td>${typeof told === "string" ? prose(told) : undefined}</td>
    </tr>
  `;
}
