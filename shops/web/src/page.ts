import { localeOf } from "./locale.js";
import { addMessages, type Messages, messagesOf } from "./messages.js";
import { PageAnswers } from "./page-answers.js";
import { part, withSheet } from "./parts.js";
import { Session } from "./session.js";
import type { StockMessages } from "./stock-messages.js";

export interface PageSettings {
  /** The gateway's /graphql; else `<meta name="pricelane-gateway">`. */
  readonly gateway?: string;
  /** The shop's endpoint that names the caller; else `<meta name="pricelane-session">`; without either there are guests alone. */
  readonly session?: string;
  /** Words by language. */
  readonly messages?: Readonly<Record<string, Partial<Messages & StockMessages>>>;
}

interface Page {
  readonly answers: PageAnswers;
  readonly visitor: Session;
}

let settings: PageSettings = {};
let page: Page | null = null;

/** Before the first element is on the page; in place of `<meta>`. @throws {Error} once prices have been asked */
export function configure(chosen: PageSettings): void {
  if (page !== null) throw new Error("pricelane: configure() after the first element");
  settings = chosen;
  for (const [language, words] of Object.entries(chosen.messages ?? {})) addMessages(language, words);
}

/** The customer has logged out: all is the guest's at once, and the token is gone. */
export function logout(): void {
  page?.visitor.logout();
}

/** Asks the shop's server again who is looking, as after a login without a new page. */
export async function refresh(): Promise<void> {
  if (page === null) return;
  const { visitor } = page;
  await visitor.renew().catch(() => {
    if (!visitor.isKnown(0)) startAnew();
  });
}

/** What this page knows; made when the first element needs it. */
export function pageAnswers(): PageAnswers {
  page ??= createPage();
  return page.answers;
}

function createPage(): Page {
  const gateway = settings.gateway ?? metaOf("pricelane-gateway");
  if (!gateway) throw new Error("pricelane: no <meta name=pricelane-gateway>");
  const fetch = (url: string, init: RequestInit) => globalThis.fetch(url, init);
  const endpoint = settings.session ?? metaOf("pricelane-session");
  const onOtherCaller = () => page?.answers.restart();
  const visitor = new Session({ endpoint, fetch, now: Date.now, after, onOtherCaller });
  const announce = createAnnouncer();
  const answers = new PageAnswers({
    transport: { url: gateway, fetch, after },
    visitor,
    after,
    random: Math.random,
    announce,
  });
  listen();
  return { answers, visitor };
}

/** Somebody may have logged out or in meanwhile: in another tab, or before the browser's Back. */
function listen(): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void refresh();
  });
  // At the leaving, too: else the page that comes back would show the customer before for a moment.
  for (const type of ["pagehide", "pageshow"]) {
    window.addEventListener(type, (event) => {
      if ((event as PageTransitionEvent).persisted) startAnew();
    });
  }
}

/** Nothing of the caller before is shown while the shop is asked who it is now. */
function startAnew(): void {
  page?.visitor.forget();
  page?.answers.restart();
}

/** One sentence for a page, not one for each price, in a region that assistive technology knows before it speaks. */
function createAnnouncer(): (isOwn: boolean) => void {
  const host = document.createElement("div");
  const region = part("status", "", "p");
  region.setAttribute("role", "status");
  withSheet(host, ":host{position:absolute;clip-path:inset(50%)}").append(region);
  document.body.append(host);
  return (isOwn) => {
    const text = isOwn ? messagesOf(localeOf(document.documentElement)).yours : "";
    // The same again would be read out again.
    if (region.textContent !== text) region.textContent = text;
  };
}

function metaOf(name: string): string | null {
  return document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content || null;
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
