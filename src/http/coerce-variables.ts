import { type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from "graphql";

/**
 * The variables of an operation as graphql-js coerces them; null where it refuses one. What is wrong with them the execution tells, so the
 * first mistake is enough: without a bound graphql-js makes an error of each, and a body of a megabyte may hold hundreds of thousands.
 */
export function coerceVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | null {
  return getVariableValues(schema, variableDefinitions, given, { maxErrors: 1 }).coerced ?? null;
}
