import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { repositoryPath } from "./child.js";

/** Made up, and good for nothing outside a run. */
export const authSecrets = "bench:a-key-for-benchmarks-on-the-loopback-alone";

/** A customer of the demonstration ERP whose price list has three tiers at every SKU. */
export const customerCode = "C0012";

/** A token for {@link customerCode}, minted by the command line that shops try things out with. */
export async function mintCustomerToken(): Promise<string> {
  const program = repositoryPath("dist/src/cli/pricelane.js");
  const { stdout } = await promisify(execFile)(process.execPath, [program, "token", "--customer", customerCode], {
    env: { PATH: process.env["PATH"], AUTH_SECRETS: authSecrets },
  });
  return stdout.trim();
}
