import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

const nonceBytes = 12;
const tagBytes = 16;

/** Of a name in the store, in bytes: none can be guessed, and no two are alike. */
const nameBytes = 16;

/**
 * What others may see of a fleet, who can look into the store: names that tell nothing, and contents that nobody reads or makes who
 * does not hold the secret.
 */
export class Seal {
  /** What every key and channel of this fleet begins with. Fleets of other ERPs or secrets share nothing with it. */
  readonly prefix: string;
  readonly #nameKey: Buffer;
  readonly #sealKey: Buffer;

  /** @param secret at least 32 bytes. @param erp which ERP all of the fleet asks */
  constructor(secret: Uint8Array, erp: string) {
    const derive = (use: string) => Buffer.from(hkdfSync("sha256", secret, erp, `pricelane fleet ${use}`, 32));
    this.#nameKey = derive("names");
    this.#sealKey = derive("contents");
    this.prefix = `pricelane:${this.name("fleet").slice(0, 8)}:`;
  }

  /** The name in the store of what these parts name together. */
  name(...parts: readonly string[]): string {
    // Each behind its length, so that no part can be chosen to look like two.
    const text = parts.map((part) => `${part.length}:${part}`).join("");
    return createHmac("sha256", this.#nameKey).update(text).digest().subarray(0, nameBytes).toString("base64url");
  }

  /** @param about what the content belongs to: it opens as nothing else */
  close(content: string, about: string): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#sealKey, nonce).setAAD(Buffer.from(about));
    const sealed = Buffer.concat([cipher.update(content, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @returns null where it was not closed by this secret, about this very thing, or is not whole */
  open(sealed: Buffer, about: string): string | null {
    if (sealed.length < nonceBytes + tagBytes) return null;
    const nonce = sealed.subarray(0, nonceBytes);
    const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#sealKey, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(about)).setAuthTag(tag);
      const content = decipher.update(sealed.subarray(nonceBytes + tagBytes));
      return Buffer.concat([content, decipher.final()]).toString("utf8");
    } catch {
      return null;
    }
  }
}
