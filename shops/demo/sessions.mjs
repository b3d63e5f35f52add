import { randomBytes } from "node:crypto";

const cookieName = "demo-shop";
const maxSessions = 1_000;

/** Who is logged in, and each one's cart: in the server's memory, where no browser can change it. */
export class Sessions {
  #byId = new Map();

  /** @returns { customer, cart }, or null for a guest */
  of(request) {
    return this.#byId.get(idIn(request)) ?? null;
  }

  /** Under a new id each time, so that none can be foisted on a buyer. @returns the Set-Cookie header */
  logIn(request, customer) {
    this.#byId.delete(idIn(request));
    if (this.#byId.size >= maxSessions) this.#byId.delete(this.#byId.keys().next().value);
    const id = randomBytes(32).toString("base64url");
    this.#byId.set(id, { customer, cart: new Map() });
    // A shop on the internet adds Secure.
    return `${cookieName}=${id}; Path=/; HttpOnly; SameSite=Lax`;
  }

  /** @returns the Set-Cookie header */
  logOut(request) {
    this.#byId.delete(idIn(request));
    return `${cookieName}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`;
  }
}

function idIn({ headers }) {
  const cookies = (headers.cookie ?? "").split("; ");
  return cookies.find((each) => each.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? "";
}
