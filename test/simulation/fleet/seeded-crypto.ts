import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { SeededRandom } from "../seeded-random.js";

/**
 * Runs `run` while the names that replicas give themselves, and what they seal with, are drawn from `random`: a run is to repeat itself,
 * and these take no randomness from outside. One run at a time in a process.
 */
export async function withSeededCrypto<T>(random: SeededRandom, run: () => Promise<T>): Promise<T> {
  const real = { randomBytes: crypto.randomBytes, randomUUID: crypto.randomUUID };
  const randomBytes = (size: number) => Buffer.from(Array.from({ length: size }, () => random.int(0, 255)));
  const randomUUID = () => `replica-${randomBytes(12).toString("hex")}`;
  Object.assign(crypto, { randomBytes, randomUUID });
  syncBuiltinESMExports();
  try {
    return await run();
  } finally {
    Object.assign(crypto, real);
    syncBuiltinESMExports();
  }
}
