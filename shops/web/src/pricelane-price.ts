import { pagePrices } from "./page.js";
import type { Shown, Watcher } from "./page-prices.js";
import { withSheet } from "./parts.js";
import { stateOf, viewOf } from "./price-view.js";

// On a shop's server, where pages are rendered, there is no HTMLElement: the import must not fail there.
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

const css =
  ":host{display:inline-block;min-inline-size:var(--pricelane-width,6ch)}[hidden]{display:none}" +
  "[part=note]{display:block;font-size:.75em}ul{list-style:none;margin:0;padding:0;font-size:.85em}";

/** `<pricelane-price data-sku="…">12,90 €</pricelane-price>`: the viewer's price in place of the guest's; see docs/shops/web.md. */
export class PricelanePrice extends Base {
  static observedAttributes = ["data-sku", "data-quantity", "data-tax", "lang"];

  #watcher: Watcher | null = null;
  /** The wish that the shop's server wrote its text for. */
  #written: string | null = null;
  #shown: Shown = { kind: "waiting" };
  readonly #root = withSheet(this, css);
  readonly #slot = this.#root.appendChild(document.createElement("slot"));

  connectedCallback(): void {
    this.#written ??= this.#wish;
    if (this.#watcher === null) this.#watch();
  }

  /** An element that was only moved keeps its price. */
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (!this.isConnected) this.#leave();
    });
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now || this.#written === null) return;
    if (name === "data-tax" || name === "lang") this.#render();
    else {
      this.#leave();
      this.#watch();
    }
  }

  get #quantity(): string {
    return this.dataset["quantity"] || "1";
  }

  get #wish(): string {
    return `${this.#quantity} ${this.dataset["sku"]}`;
  }

  #watch(): void {
    const { sku } = this.dataset;
    if (!sku) return;
    const element = this;
    const watcher: Watcher = {
      sku,
      quantity: this.#quantity,
      // Looked at when it is needed: the parser may not have come to the text yet.
      get hasGuestText() {
        return element.#written === element.#wish && element.textContent?.trim() !== "";
      },
      show(shown) {
        if (element.#watcher === watcher) element.#show(shown);
      },
    };
    this.#watcher = watcher;
    pagePrices().add(watcher);
  }

  #leave(): void {
    if (this.#watcher !== null) pagePrices().remove(this.#watcher);
    this.#watcher = null;
  }

  #show(shown: Shown): void {
    this.#shown = shown;
    this.#render();
    const detail = { sku: this.#watcher?.sku, quantity: this.#watcher?.quantity, ...shown };
    this.dispatchEvent(new CustomEvent("pricelane-price", { bubbles: true, composed: true, detail }));
  }

  #render(): void {
    const shown = this.#shown;
    const isOfGuest = shown.kind === "guest" || shown.kind === "waiting";
    const isWritten = isOfGuest && this.#written === this.#wish;
    const locale = this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
    this.#slot.hidden = !isWritten;
    this.#root.replaceChildren(this.#slot, ...(isWritten ? [] : viewOf(shown, { locale, data: this.dataset })));
    this.setAttribute("state", stateOf(shown));
    // Only while something is under way: some read out an attribute that says false.
    if (shown.kind === "waiting") this.setAttribute("aria-busy", "true");
    else this.removeAttribute("aria-busy");
  }
}
