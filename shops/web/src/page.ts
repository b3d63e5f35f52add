import { addMessages, type Messages, messagesOf } from "./messages.js";
import { PagePrices } from "./page-prices.js";
import { part, withSheet } from "./parts.js";
import { Session } from "./session.js";

export interface PriceSettings {
  /** The gateway's /graphql; else `<meta name="pricelane-gateway">`. */
  readonly gateway?: string;
  /** The shop's endpoint that names the caller; else `<meta name="pricelane-session">`; without either there are guests alone. */
  readonly session?: string;
  /** Words by language. */
  readonly messages?: Readonly<Record<string, Partial<Messages>>>;
}

interface Page {
  readonly prices: PagePrices;
  readonly session: Session;
}

let settings: PriceSettings = {};
let page: Page | null = null;

/** Before the first element is on the page; in place of `<meta>`. @throws {Error} once prices have been asked */
export function configure(chosen: PriceSettings): void {
  if (page !== null) throw new Error("pricelane: configure() after the first element");
  settings = chosen;
  for (const [language, words] of Object.entries(chosen.messages ?? {})) addMessages(language, words);
}

/** The customer has logged out: prices are the guest's at once, and the token is gone. */
export function logout(): void {
  page?.session.logout();
}

/** Asks the shop's server again who is looking, as after a login without a new page. */
export async function refresh(): Promise<void> {
  if (page === null) return;
  const { session } = page;
  await session.read(true).catch(() => {
    if (session.isOver) startAnew();
  });
}

/** The prices of this page; made when the first element needs it. */
export function pagePrices(): PagePrices {
  page ??= createPage();
  return page.prices;
}

function createPage(): Page {
  const gateway = settings.gateway ?? metaOf("pricelane-gateway");
  if (!gateway) throw new Error("pricelane: no <meta name=pricelane-gateway>");
  const fetch = (url: string, init: RequestInit) => globalThis.fetch(url, init);
  const onOtherCaller = () => page?.prices.restart();
  const endpoint = settings.session ?? metaOf("pricelane-session");
  const session = new Session({ endpoint, fetch, now: Date.now, after, onOtherCaller });
  const prices = new PagePrices({
    gateway: { url: gateway, fetch, after },
    session,
    after,
    random: Math.random,
    onSettled: (caller) => announce(caller?.sub ?? null),
  });
  listen();
  return { prices, session };
}

/** Somebody may have logged out or in meanwhile: in another tab, or before the browser's Back. */
function listen(): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void refresh();
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) startAnew();
  });
}

/** Nothing of the caller before is shown while the shop is asked who it is now. */
function startAnew(): void {
  page?.session.forget();
  page?.prices.restart();
}

let announced: string | null = null;
let region: HTMLElement | null = null;

/** One sentence for a page, not one for each price, and only once the prices are another's than before. */
function announce(sub: string | null): void {
  if (sub === announced) return;
  announced = sub;
  if (region === null) {
    const host = document.createElement("div");
    region = part("status", "", "p");
    region.setAttribute("role", "status");
    withSheet(host, ":host{position:absolute;clip-path:inset(50%)}").append(region);
    document.body.append(host);
  }
  region.textContent = sub === null ? "" : messagesOf(document.documentElement.lang).yours;
}

function metaOf(name: string): string | null {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content || null;
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
