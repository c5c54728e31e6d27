import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import * as z from "zod";
import { listening } from "../../stack/process/listening.ts";

/** One call that was made. */
export interface ManagementCall {
  readonly method: string;
  /** Below the project, with its query. */
  readonly path: string;
}

/**
 * A stand-in for Supabase's management API, as far as the real CLI and `npm run deploy` call it for one project. What it answers follows
 * https://supabase.com/docs/reference/api and what the CLI, which validates it, accepts; that it is like the platform's in all else
 * is not shown by it.
 */
export interface ManagementApi {
  readonly url: string;
  readonly ref: string;
  readonly token: string;
  /** The project's secret key of the newer kind; undefined for a project without. */
  secretKey: string | undefined;
  status: string;
  schemas: string;
  readonly secrets: Map<string, string>;
  /** By slug: each uploaded file by its path. */
  readonly functions: Map<string, ReadonlyMap<string, string>>;
  /** By slug: how often it was uploaded, by whomever. */
  readonly versions: Map<string, number>;
  readonly calls: ManagementCall[];
  /** Answers some calls with this status instead. */
  fail: ((call: ManagementCall) => number | undefined) | undefined;
  close(): Promise<void>;
}

export async function startManagementApi(
  { secretKey }: { readonly secretKey: string },
): Promise<ManagementApi> {
  const ref = Array.from(randomBytes(20), (byte) => String.fromCharCode(97 + byte % 26)).join("");
  const token = `sbp_${randomBytes(20).toString("hex")}`;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      void answer(api, request.method ?? "GET", request.url ?? "/", {
        authorization: request.headers.authorization,
        type: request.headers["content-type"] ?? "",
        body: Buffer.concat(chunks),
      }).then(({ status, body }) =>
        response.writeHead(status, { "content-type": "application/json" })
          .end(body === undefined ? "" : JSON.stringify(body))
      );
    });
  });
  const api: ManagementApi = {
    ...await listening(server),
    ref,
    token,
    secretKey,
    status: "ACTIVE_HEALTHY",
    schemas: "public, graphql_public",
    secrets: new Map(),
    functions: new Map(),
    versions: new Map(),
    calls: [],
    fail: undefined,
  };
  return api;
}

interface Said {
  readonly authorization: string | undefined;
  readonly type: string;
  readonly body: Buffer;
}
interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

async function answer(
  api: ManagementApi,
  method: string,
  url: string,
  said: Said,
): Promise<Answer> {
  if (said.authorization !== `Bearer ${api.token}`) return refusal(401, "Unauthorized");
  const prefix = `/v1/projects/${api.ref}`;
  if (!url.startsWith(prefix)) return refusal(404, "Project not found");
  const call = { method, path: url.slice(prefix.length) };
  api.calls.push(call);
  const status = api.fail?.(call);
  if (status !== undefined) return refusal(status, "as the test wants it");
  const { pathname, searchParams } = new URL(call.path, "http://api.invalid");
  switch (`${method} ${pathname}`) {
    case "GET /":
      return { status: 200, body: project(api) };
    case "GET /postgrest":
      return { status: 200, body: postgrest(api) };
    case "PATCH /postgrest":
      api.schemas = z.object({ db_schema: z.string() }).parse(json(said)).db_schema;
      return { status: 200, body: postgrest(api) };
    case "GET /secrets":
      return {
        status: 200,
        body: Array.from(
          api.secrets,
          ([name, value]) => ({ name, value: sha256(value), updated_at: "2026-01-01T00:00:00Z" }),
        ),
      };
    case "POST /secrets":
      for (const { name, value } of named.parse(json(said))) {
        api.secrets.set(name, value);
      }
      return { status: 201 };
    case "DELETE /secrets":
      for (const name of z.array(z.string()).parse(json(said))) api.secrets.delete(name);
      return { status: 200 };
    case "GET /api-keys":
      return { status: 200, body: keys(api, searchParams.get("reveal") === "true") };
    case "GET /functions":
      return { status: 200, body: allDeployed(api) };
    case "POST /functions/deploy": {
      const slug = searchParams.get("slug") ?? "";
      api.functions.set(slug, await uploaded(said));
      api.versions.set(slug, (api.versions.get(slug) ?? 0) + 1);
      return { status: 201, body: deployed(api, slug) };
    }
    case "PUT /functions":
      return { status: 200, body: { functions: allDeployed(api) } };
    default: {
      const slug = /^\/functions\/([a-z-]+)$/.exec(pathname)?.[1];
      if (method === "DELETE" && slug !== undefined && api.functions.delete(slug)) {
        return { status: 200 };
      }
      return refusal(404, `there is no ${method} ${pathname} here`);
    }
  }
}

const refusal = (status: number, message: string): Answer => ({ status, body: { message } });
const json = ({ body }: Said): unknown => JSON.parse(body.toString());
const named = z.array(z.object({ name: z.string(), value: z.string() }));
const sha256 = (value: string) => createHash("sha256").update(value).digest("hex");

const project = ({ ref, status }: ManagementApi) => ({
  id: ref,
  ref,
  organization_id: "organization",
  organization_slug: "organization",
  name: "Test",
  region: "eu-central-1",
  created_at: "2026-01-01T00:00:00Z",
  status,
  database: {
    host: `db.${ref}.supabase.co`,
    version: "17.6",
    postgres_engine: "17",
    release_channel: "ga",
  },
});

const postgrest = ({ schemas }: ManagementApi) => ({
  db_schema: schemas,
  db_extra_search_path: "public, extensions",
  max_rows: 1000,
  db_pool: null,
});

const keys = ({ secretKey }: ManagementApi, reveal: boolean) => [
  { name: "anon", type: "legacy", api_key: "eyJ" },
  ...(secretKey === undefined ? [] : [{
    name: "default",
    type: "secret",
    api_key: reveal ? secretKey : `${secretKey.slice(0, 15)}····`,
  }]),
];

const allDeployed = (api: ManagementApi) =>
  Array.from(api.functions.keys(), (slug) => deployed(api, slug));

const deployed = ({ versions }: ManagementApi, slug: string) => ({
  id: `00000000-0000-4000-8000-${sha256(slug).slice(0, 12)}`,
  slug,
  name: slug,
  version: versions.get(slug) ?? 1,
  status: "ACTIVE",
  verify_jwt: false,
  created_at: 1767225600000,
  updated_at: 1767225600000,
});

/** The files of a multipart body by their paths, which a browser's reading would cut to their names. */
async function uploaded({ body, type }: Said): Promise<ReadonlyMap<string, string>> {
  const names = [...body.toString("latin1").matchAll(/name="file"; filename="([^"]+)"/g)]
    .map((match) => match[1] ?? "");
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } })
    .formData();
  const files = await Promise.all(
    form.getAll("file").map((file) =>
      typeof file === "string" ? Promise.resolve(file) : file.text()
    ),
  );
  return new Map(files.map((text, index) => [names[index] ?? "", text]));
}
