import { Client } from "pg";
import { UsageError } from "./usage-error.ts";

/** How libpq names what TLS must prove (https://www.postgresql.org/docs/current/libpq-ssl.html), strictest last. */
const ENCRYPTED = ["require", "verify-ca", "verify-full"];
/** libpq goes on in plain text with these where the server offers no TLS, or never tries it. */
const PLAIN = ["disable", "allow", "prefer"];

/**
 * The client of a connection string, which speaks TLS to every host but this machine, with or without `sslmode` in it.
 *
 * `sslmode` means what it means to libpq and so to `psql`: `require` encrypts and does not look at the certificate, which for
 * a hosted project is of the platform's own authority (https://supabase.com/docs/guides/platform/ssl-enforcement); with
 * `sslrootcert`, the file that the dashboard offers, it is verified. `pg` alone would take `require` for `verify-full`.
 *
 * @throws UsageError where the string is none, or its TLS could be left out without a word
 */
export function databaseClient(connectionString: string, name = "DATABASE_URL"): Client {
  const url = parsed(connectionString, name);
  const mode = url.searchParams.get("sslmode");
  // These are other spellings of the same settings, of which `pg` would take the last.
  for (const other of ["ssl", "uselibpqcompat", "sslnegotiation"]) {
    if (url.searchParams.has(other)) {
      throw new UsageError(`${name}: take ${other} out of it and say sslmode=require`);
    }
  }
  if (mode !== null && ![...ENCRYPTED, ...PLAIN].includes(mode)) {
    throw new UsageError(`${name}: sslmode is one of ${[...PLAIN, ...ENCRYPTED].join(", ")}`);
  }
  url.searchParams.delete("sslmode");
  const sslmode = mode ?? (isThisMachine(hostOf(url)) ? "disable" : "require");
  if (PLAIN.includes(sslmode) && !isThisMachine(hostOf(url))) {
    throw new UsageError(
      `${name}: sslmode=${sslmode} may send the password and the data in plain text to ${
        hostOf(url)
      }; ` +
        `say sslmode=require instead`,
    );
  }
  if (hostOf(url).endsWith(".pooler.supabase.com") && url.port === "6543") {
    throw new UsageError(
      `${name}: port 6543 of the pooler keeps no session, which commands need; say port 5432 instead`,
    );
  }
  // What "prefer" and "allow" try is not worth a second connection to this machine.
  url.searchParams.set("sslmode", PLAIN.includes(sslmode) ? "disable" : sslmode);
  url.searchParams.set("uselibpqcompat", "true");
  try {
    // A command may be busy elsewhere for minutes, and what lies in between forgets connections that say nothing.
    return new Client({
      connectionString: url.href,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
  } catch (error) {
    // A file of sslrootcert that is not there, or none for verify-ca.
    throw new UsageError(`${name}: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}

/** A connection string for another program, which does as libpq does: with what TLS it speaks said, and never left to it. */
export function libpqUrl(connectionString: string): string {
  const url = parsed(connectionString, "DATABASE_URL");
  if (!url.searchParams.has("sslmode") && !isThisMachine(hostOf(url))) {
    url.searchParams.set("sslmode", "require");
  }
  return url.href;
}

function parsed(connectionString: string, name: string): URL {
  if (/^postgres(ql)?:\/\//.test(connectionString) && URL.canParse(connectionString)) {
    return new URL(connectionString);
  }
  // Not repeated: it may hold the password.
  throw new UsageError(
    `${name}: is no connection string; take it from the project's Connect button ` +
      `(postgresql://postgres.<ref>:<password>@…:5432/postgres, with the special characters of the password in percent-encoding)`,
  );
}

/** A parameter `host` counts before the host of the address, with `pg` as with libpq. */
const hostOf = (url: URL): string =>
  url.searchParams.get("host") ?? decodeURIComponent(url.hostname);

/** A path is a socket of this machine. */
export const isThisMachine = (host: string): boolean =>
  host.startsWith("/") || ["", "localhost", "127.0.0.1", "[::1]", "::1"].includes(host);

/**
 * What a failed connection says to whoever typed the address, with what to do about it; other errors as they are.
 */
export function connectionRefusal(error: unknown, client: Client, name = "DATABASE_URL"): unknown {
  const { host } = client;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/^db\.[a-z0-9]+\.supabase\.co$/.test(host) && UNREACHABLE.has(code)) {
    // https://supabase.com/docs/guides/database/connecting-to-postgres: the direct address is of IPv6 alone.
    return new UsageError(
      `${name}: ${host} was not reached (${code}). It has an IPv6 address alone, unless the project has the IPv4 add-on, and ` +
        `many networks have none: take the session pooler's address from the project's Connect button ` +
        `(postgresql://postgres.<ref>:<password>@….pooler.supabase.com:5432/postgres)`,
    );
  }
  if (error instanceof Error && error.message.includes("does not support SSL")) {
    return new UsageError(
      `${name}: ${host} offers no TLS, so nothing was sent to it; switch TLS on there (ssl = on in postgresql.conf)`,
    );
  }
  if (UNVERIFIED.test(code)) {
    return new UsageError(
      `${name}: the certificate of ${host} was not verified (${code}); give sslrootcert the file of its authority, ` +
        `for a hosted project the one under Database, SSL configuration in the dashboard`,
    );
  }
  return error;
}

const UNREACHABLE = new Set([
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EADDRNOTAVAIL",
  "ETIMEDOUT",
]);

/** Node's codes of a certificate that it refuses (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const UNVERIFIED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|CA/;
