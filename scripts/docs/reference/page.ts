import * as z from "zod";
import { type Html, html, inline, prose } from "./html.ts";
import { described, typeOf } from "./schema.ts";
import { style } from "./style.ts";

const anything = z.record(z.string(), z.unknown());
const examples = z.record(z.string(), z.object({ value: z.unknown() })).optional();
const content = z.object({ "application/json": z.object({ schema: anything, examples }) });
const response = z.object({ description: z.string(), content });
const operation = z.object({
  operationId: z.string(),
  tags: z.tuple([z.string()]),
  summary: z.string(),
  security: z.array(z.record(z.string(), z.unknown())),
  parameters: z.array(z.object({
    name: z.string(),
    in: z.string(),
    required: z.boolean().optional(),
    description: z.string().optional(),
    schema: anything,
  })).optional(),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.union([response, z.object({ $ref: z.string() })])),
});
const document = z.object({
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.tuple([z.object({ url: z.string() })]),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({
    securitySchemes: z.record(z.string(), z.object({ description: z.string() })),
    responses: z.record(z.string(), response),
    schemas: z.record(z.string(), anything),
  }),
});
type Document = z.output<typeof document>;
type Operation = z.output<typeof operation>;

/** A page that shows a document of OpenAPI as docs/openapi.json is one: by itself, without a script or anything from elsewhere. */
export function referencePage(openapi: unknown): string {
  const read = document.parse(openapi);
  const { info, servers: [server], paths, components } = read;
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ path, method: method.toUpperCase(), one }))
  );
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${info.title}: API ${info.version}</title>
        <style>${style}</style>
      </head>
      <body>
        <header><h1>${info.title}: API ${info.version}</h1>${prose(info.description)}
    <p>Paths are below <code>${server.url}</code>.</p></header>
        <nav aria-label="Calls">
          <ul>${all.map(({ path, method, one }) =>
            html`<li><a href="#${one.operationId}">${
              inline(one.summary)
            } <code>${method} ${path}</code></a></li>`
          )}</ul>
        </nav>
        <main>
    ${all.map(({ path, method, one }) => section(read, `${method} ${path}`, one))}
    <h2 id="proofs">Proofs</h2>
    <dl>${Object.entries(components.securitySchemes).map(([name, scheme]) =>
      html`
        <dt id="proof-${name}">${name}</dt>
        <dd>${prose(scheme.description)}</dd>
      `
    )}</dl>
    <h2 id="schemas">Schemas</h2>
    ${Object.entries(components.schemas).map(([name, schema]) =>
      html`<section><h3 id="schema-${name}">${name}</h3>${described(schema)}</section>`
    )}
        </main>
      </body>
    </html>
  `;
  return page.text;
}

function section(read: Document, call: string, one: Operation): Html {
  const { operationId, summary, security, parameters = [], requestBody, responses } = one;
  const body = requestBody?.content["application/json"];
  return html`
    <section>
    <h2 id="${operationId}">${inline(summary)}</h2>
    <p><code class="call">${call}</code></p>
    <p>Proof: ${security.map((requirement, at) =>
      html`${at === 0 ? "" : ", or "}${
        Object.keys(requirement).map((name) => html`<a href="#proof-${name}">${name}</a>`)
      }${Object.keys(requirement).length === 0 ? "none in a header" : ""}`
    )}</p>
    ${parameters.map(({ name, in: where, required, description, schema }) =>
      html`<p><code>${name}</code> in the ${where}${required === true ? "" : ", optional"}: ${
        typeOf(schema)
      } ${description}</p>`
    )}
    ${body === undefined
      ? undefined
      : html`<p>Body: ${typeOf(body.schema)}</p>${shown(body.examples)}`}
    ${Object.entries(responses).map(([status, told]) => {
      const found = "$ref" in told
        ? read.components.responses[told.$ref.split("/").at(-1) ?? ""]
        : told;
      if (found === undefined) throw new Error(`${operationId} ${status} is described nowhere`);
      const answer = found.content["application/json"];
      return html`<h3>${status}</h3>${prose(found.description)}<p>${typeOf(answer.schema)}</p>${
        shown(answer.examples)
      }`;
    })}
    </section>
  `;
}

const shown = (given: z.output<typeof examples>) =>
  Object.entries(given ?? {}).map(([name, { value }]) =>
    html`
      <details>
        <summary>Example: ${name}</summary>
        <pre><code>${JSON.stringify(value, null, 2)}</code></pre>
      </details>
    `
  );
