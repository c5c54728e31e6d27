import { check, told } from "../check.ts";
import { isLoopback } from "../settings.ts";

export interface OriginsReading {
  readonly isLocal: boolean;
  readonly own: readonly string[];
  /** Undefined where the functions do not tell. */
  readonly there: readonly string[] | undefined;
}

const isInsecure = (origin: string) => origin.startsWith("http://") && !isLoopback(origin);
const sorted = (origins: readonly string[]) => origins.toSorted().join(" ");

/** Whether the right pages may call, and no other. */
export const origins = check({
  name: "origins",
  findings: {
    "any": {
      severity: "warning",
      fix: "name your pages in CHECKOUT_ALLOWED_ORIGINS and run `npm run deploy`",
    },
    "insecure": {
      severity: "warning",
      fix: "serve that page over https, and name it so in CHECKOUT_ALLOWED_ORIGINS",
    },
    "differ": {
      severity: "warning",
      fix: "run `npm run deploy`, which sends CHECKOUT_ALLOWED_ORIGINS, or correct it here",
    },
  },
  read: async ({ isLocal, settings, health }): Promise<OriginsReading> => ({
    isLocal,
    own: settings.allowedOrigins,
    there: (await health()).health?.allowedOrigins,
  }),
  judge: ({ isLocal, own, there }: OriginsReading) => {
    const used = there ?? own;
    const insecure = used.filter(isInsecure);
    return told(
      [!isLocal && used.includes("*"), "any", "any page may call the functions from a browser"],
      [insecure.length > 0, "insecure", `pages of ${insecure.join(", ")} come without TLS`],
      [
        there !== undefined && sorted(there) !== sorted(own),
        "differ",
        `the functions allow ${there?.join(", ")}, and CHECKOUT_ALLOWED_ORIGINS here is ${
          own.join(", ")
        }`,
      ],
    );
  },
});
