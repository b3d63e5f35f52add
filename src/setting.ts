import type { Parse } from "./setting-parsers.js";

/** One variable of the environment. */
export interface Setting<T> {
  readonly env: string;
  /** As it would stand in the environment; null where the setting may be left out and has no default. */
  readonly default: string | null;
  readonly parse: Parse<T>;
  readonly about: string;
  /** Set where the value must not be shown. */
  readonly isSecret?: true;
}

export function setting<T>(env: string, initial: string, parse: Parse<T>, about: string): Setting<T> {
  return { env, default: initial, parse, about };
}

export function optional<T>(env: string, parse: Parse<T>, about: string): Setting<T | null> {
  return { env, default: null, parse, about };
}

export function secret<T>(env: string, parse: Parse<T>, about: string): Setting<T | null> {
  return { env, default: null, parse, about, isSecret: true };
}

/** What is wrong, and with which variables. */
export interface Mistake {
  readonly variables: readonly string[];
  readonly message: string;
}
