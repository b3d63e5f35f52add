/** Where the HTTP layer does otherwise than the suite expects, and means to: the test's full name, and why. */
export const deviations: Readonly<Record<string, string>> = {
  "integration tests httpServerTests.ts graphqlHTTP cache-control runs when cache-control is disabled":
    "every response says who may keep it, Apollo's plugin or not: prices of one customer in a shared cache would be a leak",
  "integration tests httpServerTests.ts graphqlHTTP cache-control not set without any hints with if-cacheable":
    "the same",
};
