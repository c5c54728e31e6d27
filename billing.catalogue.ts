import { defineCatalogue } from "./catalogue/index.ts";

/** The demo catalogue, which the local stack sells; put your own in its place, or name another file with `--file`. */
export default defineCatalogue({
  organization: { key: "demo-cloud", name: "Demo Cloud" },
  features: {
    "projects": { name: "Projects", type: "limit" },
    "api-access": { name: "API access", type: "boolean" },
    "audit-log": { name: "Audit log", type: "boolean" },
  },
  products: {
    starter: {
      name: "Starter",
      description: "For a first project",
      features: { "projects": 1 },
      prices: {
        "free": { currency: "usd", amount: 0, interval: "month" },
      },
    },
    pro: {
      name: "Pro",
      description: "For a growing team",
      features: { "projects": 25, "api-access": true },
      prices: {
        "pro-monthly": { currency: "usd", amount: 2900, interval: "month" },
        "pro-yearly": { currency: "usd", amount: 29000, interval: "year" },
        "pro-monthly-eur": { currency: "eur", amount: 2700, interval: "month" },
        "pro-monthly-jpy": { currency: "jpy", amount: 4300, interval: "month" },
      },
    },
    scale: {
      name: "Scale",
      description: "With two weeks to try it",
      features: { "projects": "unlimited", "api-access": true, "audit-log": true },
      prices: {
        "scale-monthly": { currency: "usd", amount: 9900, interval: "month", trialDays: 14 },
      },
    },
    team: {
      name: "Team",
      description: "For each seat",
      features: { "projects": "unlimited" },
      prices: {
        "team-seats": {
          currency: "usd",
          amount: 1200,
          interval: "month",
          seats: { min: 1, max: 100 },
        },
      },
    },
  },
  discounts: {
    launch: { code: "LAUNCH", percentOff: 100, duration: "once" },
    welcome: { code: "WELCOME", percentOff: 25, duration: "repeating", months: 3 },
  },
});
