import { accessSync, constants } from "node:fs";
import { isDecimal, isPositive } from "./pricing/decimal.js";

/** Turns the text of a variable into its value. @throws {Error} whose message goes on after "NAME should be" */
export type Parse<T> = (text: string) => T;

export function wholeNumber(from: number, to: number): Parse<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < from || value > to) throw new Error(`a whole number from ${from} to ${to}`);
    return value;
  };
}

/** A duration written in seconds. @returns ms */
export function seconds(from: number, to: number): Parse<number> {
  const parse = wholeNumber(from, to);
  return (text) => parse(text) * 1000;
}

export function oneOf<const T extends string>(...values: readonly T[]): Parse<T> {
  return (text) => {
    const value = values.find((known) => known === text);
    if (value === undefined) throw new Error(`one of ${values.join(", ")}`);
    return value;
  };
}

export const plainText: Parse<string> = (text) => text;

/** What can stand in a header. */
export const bearerToken: Parse<string> = (text) => {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Error("a token of plain ASCII characters, without spaces or line breaks");
  return text;
};

export const readableFile: Parse<string> = (text) => {
  try {
    accessSync(text, constants.R_OK);
    return text;
  } catch {
    throw new Error("the path of a file that this process may read");
  }
};

export const decimalFromZero: Parse<string> = (text) => {
  if (!isDecimal(text) || (text.startsWith("-") && isPositive(text.slice(1)))) {
    throw new Error('an exact decimal from 0, such as "5" or "2.5"');
  }
  return text;
};

export const httpAddress: Parse<URL> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Error('an address with http or https, such as "https://erp.example.com"');
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new Error("an address without user, query or fragment: credentials have settings of their own");
  }
  return url;
};

/** Origins separated by commas. */
export const origins: Parse<readonly string[]> = (text) =>
  splitList(text).map((item) => {
    const origin = URL.canParse(item) ? new URL(item).origin : null;
    if (origin === null || origin === "null" || item.replace(/\/$/, "") !== origin) {
      throw new Error(
        `origins separated by commas, such as "https://shop.example.com", and ${JSON.stringify(item)} is none`,
      );
    }
    return origin;
  });

export interface HmacKey {
  readonly kid: string;
  readonly secret: Uint8Array;
}

const leastSecretBytes = 32;

/** `kid:secret` separated by commas; the message of an error never holds a secret. */
export const hmacKeys: Parse<readonly HmacKey[]> = (text) => {
  const keys = splitList(text).map((item, index) => {
    const colon = item.indexOf(":");
    if (colon < 1) throw new Error(`kid:secret separated by commas; entry ${index + 1} has no kid before a colon`);
    const kid = item.slice(0, colon);
    const secret = new TextEncoder().encode(item.slice(colon + 1));
    if (secret.length < leastSecretBytes) {
      throw new Error(
        // Not by its kid: where a secret holds a comma, that is a piece of it.
        `made of secrets of at least ${leastSecretBytes} bytes; that of entry ${index + 1} has ${secret.length}: make one with "openssl rand -hex 32"`,
      );
    }
    return { kid, secret };
  });
  const kids = new Set(keys.map(({ kid }) => kid));
  if (kids.size !== keys.length) throw new Error("made of different kids; one stands twice");
  return keys;
};

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
