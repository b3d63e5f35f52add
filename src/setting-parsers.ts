import { accessSync, constants } from "node:fs";
import { isDecimal, isPositive } from "./pricing/decimal.js";

const leastSecretBytes = 32;

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

/** An amount of memory written in MB. @returns bytes */
export function megabytes(from: number, to: number): Parse<number> {
  const parse = wholeNumber(from, to);
  return (text) => parse(text) * 1_000_000;
}

/** A duration written in minutes. @returns ms */
export function minutes(from: number, to: number): Parse<number> {
  const parse = wholeNumber(from, to);
  return (text) => parse(text) * 60_000;
}

/** Amounts with their currencies, separated by commas. */
export const amountsByCurrency: Parse<ReadonlyMap<string, string>> = (text) => {
  const amounts = splitList(text).map((item) => {
    const [, amount = "", currency = ""] = /^(\S+)\s+([A-Z]{3})$/.exec(item) ?? [];
    if (!isDecimal(amount) || !isPositive(amount)) {
      throw new Error(
        `amounts above 0, each with an ISO 4217 code, such as "500 EUR, 450 GBP" (${JSON.stringify(item)} is none)`,
      );
    }
    return [currency, amount] as const;
  });
  const byCurrency = new Map(amounts);
  if (byCurrency.size < amounts.length) throw new Error("one amount for each currency, and one is named twice");
  return byCurrency;
};

/** A quantity from 0 for some of the channels, separated by commas. */
export function unitsByChannel<const T extends string>(...channels: readonly T[]): Parse<ReadonlyMap<T, string>> {
  return (text) => {
    const units = splitList(text).map((item) => {
      const [, name = "", quantity = ""] = /^(\S+)\s+(\S+)$/.exec(item) ?? [];
      const channel = channels.find((known) => known === name);
      if (channel === undefined || !isDecimal(quantity) || quantity.startsWith("-")) {
        const known = channels.join(" or ");
        throw new Error(
          `quantities from 0, each behind ${known}, such as "google 2, amazon 5" (${JSON.stringify(item)} is none)`,
        );
      }
      return [channel, quantity] as const;
    });
    const byChannel = new Map(units);
    if (byChannel.size < units.length) throw new Error("one quantity for each channel, and one is named twice");
    return byChannel;
  };
}

export function oneOf<const T extends string>(...values: readonly T[]): Parse<T> {
  return (text) => {
    const value = values.find((known) => known === text);
    if (value === undefined) throw new Error(`one of ${values.join(", ")}`);
    return value;
  };
}

export const currencyCode: Parse<string> = (text) => {
  if (!/^[A-Z]{3}$/.test(text)) throw new Error('an ISO 4217 code in capitals, such as "EUR"');
  return text;
};

/** By its IANA name. */
export const timeZone: Parse<string> = (text) => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new Error('the IANA name of a time zone, such as "Europe/Paris"');
  }
};

/** A field of a record, as databases name them. */
export const fieldName: Parse<string> = (text) => {
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(text)) throw new Error('the name of a field, such as "custom_shop_code"');
  return text;
};

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

/** Where a Valkey or Redis is, with user and password where it wants them; its schemes are known by both names. */
export const storeAddress: Parse<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^(redis|valkey)s?:$/.test(url.protocol) || url.hostname === "") {
    throw new Error('an address such as "redis://user:password@valkey:6379", or with rediss for TLS');
  }
  if (url.search !== "" || url.hash !== "" || !/^(\/\d*)?$/.test(url.pathname)) {
    throw new Error("an address with nothing behind the port but the number of a database, if any");
  }
  return text.replace(/^valkey/, "redis");
};

/** @see hmacKeys */
export const longSecret: Parse<Uint8Array> = (text) => {
  const secret = new TextEncoder().encode(text);
  if (secret.length < leastSecretBytes) {
    throw new Error(
      `a secret of at least ${leastSecretBytes} bytes, and has ${secret.length}: make one with "openssl rand -hex 32"`,
    );
  }
  return secret;
};

const sqlEngines = ["postgresql:", "postgres:", "mysql:", "mariadb:", "sqlserver:"];

export const sqlAddress: Parse<URL> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !sqlEngines.includes(url.protocol) || url.hostname === "" || !/^\/[^/]+$/.test(url.pathname)) {
    throw new Error(
      'an address with the engine and the database, such as "postgresql://db.example.com:5432/erp"; engines are postgresql, mysql, mariadb and sqlserver',
    );
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new Error(
      "an address without user, query or fragment: SQL_USER, SQL_PASSWORD and SQL_TLS are settings of their own",
    );
  }
  return url;
};

/** Words separated by commas, at least one. */
export const words: Parse<readonly string[]> = (text) => {
  const list = splitList(text);
  if (list.length === 0) throw new Error('words separated by commas, such as "PARIS, LYON"');
  return list;
};

/** Origins separated by commas. */
export const origins: Parse<readonly string[]> = (text) =>
  splitList(text).map((item) => {
    const origin = URL.canParse(item) ? new URL(item).origin : null;
    if (origin === null || origin === "null" || item.replace(/\/$/, "") !== origin) {
      throw new Error(
        `origins separated by commas, such as "https://shop.example.com" (${JSON.stringify(item)} is none)`,
      );
    }
    return origin;
  });

const mostHops = 10;

/** How many proxies are trusted, or the name of the header that one of them writes, in lower case. */
export const trustedProxy: Parse<number | string> = (text) => {
  const hops = Number(text);
  if (/^\d+$/.test(text) && hops <= mostHops) return hops;
  const name = text.toLowerCase();
  // All headers of this kind have a hyphen; words without one, such as "true", come from other programs' settings.
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(name)) {
    throw new Error(`a number of proxies from 0 to ${mostHops}, or the name of a header such as "cf-connecting-ip"`);
  }
  // It is a list whose left end the client writes, so one must know how many entries to believe.
  if (name === "x-forwarded-for") {
    throw new Error(
      "how many proxies add to X-Forwarded-For, such as 1, or the name of a header that holds one address",
    );
  }
  return name;
};

export interface HmacKey {
  readonly kid: string;
  readonly secret: Uint8Array;
}

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
