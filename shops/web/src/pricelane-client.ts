export { type AskOptions, type Client, type ClientOptions, createClient } from "./client/client.js";
export * from "./client/operations.js";
export type { AnswerError, Result } from "./client/result.js";
