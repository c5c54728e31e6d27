import * as z from "zod";
import { jsonOf } from "../json.ts";

/** An advisory that is known and bearable for now. Kept in `exceptions.json`. */
export const exceptionList = z.array(z.strictObject({
  /** As in the advisory's address: `GHSA-…`. */
  advisory: z.string().regex(/^GHSA(-[23456789cfghjmpqrvwx]{4}){3}$/),
  package: z.string().min(1),
  /** Why it does no harm here. */
  reason: z.string().min(30),
  /** The last day on which the reason is believed without another look. */
  until: z.iso.date(),
}));
export type Exceptions = z.infer<typeof exceptionList>;

const advisory = z.object({
  name: z.string(),
  title: z.string(),
  url: z.string(),
  severity: z.string(),
  range: z.string(),
});
/** What `npm audit --json` prints, as far as it is judged (audit report version 2). */
const report = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({ via: z.array(z.union([z.string(), advisory])) }),
  ),
  metadata: z.object({
    vulnerabilities: z.object({ total: z.int() }),
    dependencies: z.object({ total: z.int() }),
  }),
});

export interface Verdict {
  readonly result: "clean" | "weak" | "no_answer";
  /** For the operator, one a line. */
  readonly lines: readonly string[];
}

const noAnswer = (why: string): Verdict => ({
  result: "no_answer",
  lines: [`The registry gave no answer: ${why}.`, "Nothing is known; this is not a clean audit."],
});

/**
 * Judges what `npm audit --json` printed. Clean is only a report that looked at packages and found nothing that is not
 * explained. An exception that is past its day or fits nothing any more counts as a finding, so that none stays by habit.
 *
 * @param today as `YYYY-MM-DD`
 */
export function judgeAudit(printed: string, exceptions: Exceptions, today: string): Verdict {
  const answer = jsonOf(printed);
  if (answer === undefined) return noAnswer("it is no JSON");
  const read = report.safeParse(answer);
  if (!read.success) return noAnswer(saidInstead(answer));
  const { vulnerabilities, metadata } = read.data;
  if (metadata.dependencies.total === 0) return noAnswer("it looked at no package");

  const found = new Map(
    Object.values(vulnerabilities).flatMap(({ via }) => via)
      .flatMap((cause) => typeof cause === "string" ? [] : [[keyOf(cause), cause] as const]),
  );
  if (found.size === 0 && (metadata.vulnerabilities.total > 0 || hasAny(vulnerabilities))) {
    return noAnswer("it counts weak packages and names no advisory");
  }
  const explained = new Map(exceptions.map((each) => [`${each.package} ${each.advisory}`, each]));
  const weak = [
    ...[...found].flatMap(([key, { name, severity, title, url, range }]) => {
      const exception = explained.get(key);
      if (exception === undefined) return [`${severity}: ${name} ${range}: ${title} (${url})`];
      return exception.until < today ? [`the exception for ${key} ended ${exception.until}`] : [];
    }),
    ...[...explained.keys()].filter((key) => !found.has(key))
      .map((key) => `the exception for ${key} fits nothing any more: take it out`),
  ];
  if (weak.length > 0) return { result: "weak", lines: weak };
  return {
    result: "clean",
    lines: [
      ...exceptions.map(({ advisory: id, package: name, reason, until }) =>
        `explained until ${until}: ${name} ${id}: ${reason}`
      ),
      `${metadata.dependencies.total} packages, nothing unexplained.`,
    ],
  };
}

const hasAny = (record: object) => Object.keys(record).length > 0;

const keyOf = ({ name, url }: { readonly name: string; readonly url: string }) =>
  `${name} ${url.slice(url.lastIndexOf("/") + 1)}`;

/** What npm says where it has no report: a status, or the words of an error. */
function saidInstead(answer: unknown): string {
  const refusal = z.object({
    message: z.string().optional(),
    statusCode: z.int().optional(),
    error: z.object({ code: z.string().optional(), summary: z.string().optional() }).optional(),
  }).safeParse(answer);
  if (!refusal.success) return "it is of another form";
  const { statusCode, message, error } = refusal.data;
  if (statusCode !== undefined) return `HTTP status ${statusCode}`;
  return [error?.code, error?.summary, message].find((text) => text !== undefined && text !== "") ??
    "it is of another form";
}
