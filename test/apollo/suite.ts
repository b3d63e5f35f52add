import { defineIntegrationTestSuite } from "@apollo/server-integration-testsuite";
import { createServer } from "./create-server.js";

// No answer of the schema comes in parts: `send` in src/http/graphql-endpoint.ts refuses to.
defineIntegrationTestSuite(createServer, { noIncrementalDelivery: true });
