import { defineIntegrationTestSuite } from "@apollo/server-integration-testsuite";
import { createServer } from "./create-server.js";

defineIntegrationTestSuite(createServer);
