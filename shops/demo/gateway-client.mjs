import { SignJWT } from "jose";

const tokenSeconds = 300;
const timeoutMs = 6_000;

const publicPrices = `query ($skus: [ID!]!) { products(skus: $skus) { sku publicPrice(quantity: "1") {
  net { amount currency } priceUnit unit minimumQuantity } } }`;
const ownPrice = `query ($sku: ID!, $quantity: Decimal!) { product(sku: $sku) {
  price(quantity: $quantity) { net { amount currency } priceUnit unit } } }`;
const validateCart = `query ($input: ValidateCartInput!) { validateCart(input: $input) {
  verdict reasons { messageKey } netTotal { amount currency } grossTotal { amount currency } quote { id expiresAt token }
  lines { key sku quantity available price stock net { amount currency } lineNet { amount currency } reasons { messageKey } } } }`;

/** What the shop's server asks the gateway; the customer's code never comes from the browser. */
export class GatewayClient {
  #key;

  /** @param key { kid, secret }, as in the gateway's AUTH_SECRETS */
  constructor(url, key) {
    this.url = url;
    this.#key = key;
  }

  /** What docs/shops/web.md asks of a shop's session endpoint. */
  async session(customer) {
    const expiresAt = Math.floor(Date.now() / 1000) + tokenSeconds;
    return { token: await this.#sign(customer, "storefront", expiresAt), sub: customer, expiresAt };
  }

  /** @returns by SKU; null where the price could not be told */
  async publicPrices(skus) {
    const { products } = await this.#ask(null, publicPrices, { skus });
    return new Map(products.map((product, at) => [skus[at], product?.publicPrice ?? null]));
  }

  /** @returns null where the price could not be told */
  async ownPrice(customer, sku, quantity) {
    const { token } = await this.session(customer);
    const { product } = await this.#ask(token, ownPrice, { sku, quantity });
    return product?.price ?? null;
  }

  async validateCart(customer, lines) {
    const token = await this.#sign(customer, "checkout", Math.floor(Date.now() / 1000) + tokenSeconds);
    return (await this.#ask(token, validateCart, { input: { lines } })).validateCart;
  }

  #sign(customer, scope, expiresAt) {
    return new SignJWT({ scope })
      .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: this.#key.kid })
      .setAudience("pricelane")
      .setSubject(customer)
      .setExpirationTime(expiresAt)
      .sign(new TextEncoder().encode(this.#key.secret));
  }

  /** @throws {Error} where there is no answer at all; a field that failed is null */
  async #ask(token, query, variables) {
    const response = await fetch(`${this.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { data, errors } = await response.json();
    if (!data) throw new Error(errors?.[0]?.message ?? `the gateway answered ${response.status}`);
    return data;
  }
}
