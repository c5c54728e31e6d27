import { randomUUID } from "node:crypto";
import { openAuth, type SignedIn } from "../signed-in.ts";
import { openDatabase, openShop, ORGANIZATION } from "../support.ts";

/** Who a statement is by: a user's session, and what else the token names. */
export type Who = Partial<SignedIn> & {
  readonly role?: string;
  readonly client_id?: string;
  readonly aal?: string;
};

/** A database with two organizations and a member of the first. */
export async function openMembers() {
  const database = await openDatabase();
  const auth = await openAuth(database.superuserUrl);
  const [service, owner] = await Promise.all([database.service(), database.owner()]);
  const { keyDigest } = await openShop(owner);
  await owner.rows("update billing.rate_limits set max_count = 1000000");
  const [member, stranger] = await Promise.all([auth.signIn(), auth.signIn()]);
  const otherOrganization = randomUUID();
  await owner.rows("insert into billing.organizations (id, name) values ($1, 'Another')", [
    otherOrganization,
  ]);
  const join = ({ userId }: SignedIn, organization = ORGANIZATION) =>
    owner.rows("insert into billing.organization_members values ($1, $2)", [organization, userId]);
  await join(member);

  /** One statement as PostgREST runs it: as the role of the token, whose claims are set for the transaction. */
  async function asUser<Row extends object = Record<string, unknown>>(
    who: Who | undefined,
    sql: string,
    role = "authenticated",
    end: "commit" | "rollback" = "rollback",
  ): Promise<Row[]> {
    const claims = who && {
      sub: who.userId,
      session_id: who.sessionId,
      role: who.role ?? "authenticated",
      client_id: who.client_id,
      aal: who.aal ?? "aal1",
    };
    await owner.rows("begin");
    await owner.rows("select set_config('request.jwt.claims', $1, true)", [
      claims === undefined ? "" : JSON.stringify(claims),
    ]);
    await owner.rows(`set local role ${role}`);
    const rows = await owner.rows<Row>(sql);
    await owner.rows(end);
    return rows;
  }

  /** Another member of the first organization. */
  async function newMember(anonymous = false): Promise<SignedIn> {
    const user = await auth.signIn({ anonymous });
    await join(user);
    return user;
  }

  return {
    database,
    auth,
    owner,
    service,
    keyDigest,
    member,
    stranger,
    otherOrganization,
    asUser,
    join,
    newMember,
  };
}

export type Members = Awaited<ReturnType<typeof openMembers>>;
