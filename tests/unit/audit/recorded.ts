// What `npm audit --json` prints, by npm 10 and 11.

const counted = (moderate: number) => ({
  vulnerabilities: { info: 0, low: 0, moderate, high: 0, critical: 0, total: moderate },
  dependencies: { prod: 16, dev: 213, optional: 128, peer: 0, peerOptional: 0, total: 228 },
});

export const clean = {
  auditReportVersion: 2,
  vulnerabilities: {},
  metadata: counted(0),
};

export const withFinding = {
  auditReportVersion: 2,
  vulnerabilities: {
    esbuild: {
      name: "esbuild",
      severity: "moderate",
      isDirect: false,
      via: [{
        source: 1102341,
        name: "esbuild",
        dependency: "esbuild",
        title:
          "esbuild enables any website to send any requests to the development server and read the response",
        url: "https://github.com/advisories/GHSA-67mh-4wv8-f99p",
        severity: "moderate",
        cwe: ["CWE-346"],
        cvss: { score: 5.3, vectorString: "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:H/I:N/A:N" },
        range: "<=0.24.2",
      }],
      effects: ["vite"],
      range: "<=0.24.2",
      nodes: ["node_modules/esbuild"],
      fixAvailable: { name: "vite", version: "6.2.0", isSemVerMajor: true },
    },
    vite: {
      name: "vite",
      severity: "moderate",
      isDirect: true,
      via: ["esbuild"],
      effects: [],
      range: "0.11.0 - 6.1.6",
      nodes: ["node_modules/vite"],
      fixAvailable: { name: "vite", version: "6.2.0", isSemVerMajor: true },
    },
  },
  metadata: counted(2),
};

/** A registry that has no audit endpoint. */
export const refusedByRegistry = {
  message:
    "405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk",
  method: "POST",
  uri: "https://registry.example/-/npm/v1/security/advisories/bulk",
  headers: { allow: ["GET,HEAD"], "content-length": ["0"], "x-fetch-attempts": ["1"] },
  statusCode: 405,
  body: "",
  error: { summary: "", detail: "" },
};

export const unreachable = {
  error: {
    code: "ENOTFOUND",
    summary: "request to https://registry.example/-/npm/v1/security/advisories/bulk failed",
    detail: "",
  },
};
