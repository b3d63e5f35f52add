import { localeOf } from "./locale.js";
import { pageAnswers } from "./page.js";
import type { Shown, Watcher } from "./page-answers.js";
import { withSheet } from "./parts.js";
import type { Topic } from "./query.js";

/** How an element shows what it was told. */
export interface ViewOptions {
  readonly locale: string;
  readonly data: DOMStringMap;
}

/** In what one element differs from the other. */
export interface Kind {
  readonly topic: Topic;
  /** Beside what both need. */
  readonly css: string;
  /** Those that are watched beside `data-sku` and `lang`. */
  readonly attributes: readonly string[];
  /** Empty where the topic knows none. */
  quantityOf(data: DOMStringMap): string;
  /** As {@link Watcher.keepsText}, of an element in which there is a text. */
  readonly keepsText: Watcher["keepsText"];
  /** What the attribute `state` says. */
  stateOf(shown: Shown): string;
  /** Nodes in place of what the shop wrote. */
  viewOf(shown: Shown, options: ViewOptions): Node[];
}

// On a shop's server, where pages are rendered, there is no HTMLElement: the import must not fail there.
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

// An element with nothing in it would stand lower than one with text.
const css = ':host{display:inline-block}:host::before{content:"\\200b"}[hidden]{display:none}';

/** An element that shows what the gateway says of its `data-sku` in place of the text in it. */
export function elementOf(kind: Kind): typeof HTMLElement {
  return class extends Base {
    static observedAttributes = ["data-sku", "lang", ...kind.attributes];

    #watcher: Watcher | null = null;
    /** The wish that the shop's server wrote its text for. */
    #written: string | null = null;
    /** The wish that {@link #watcher} is about. */
    #asked: string | null = null;
    #shown: Shown = { kind: "waiting" };
    readonly #root = withSheet(this, css + kind.css);
    readonly #slot = this.#root.appendChild(document.createElement("slot"));

    connectedCallback(): void {
      this.#written ??= this.#wish;
      if (this.#watcher === null) this.#watch();
    }

    /** An element that was only moved keeps its answer. */
    disconnectedCallback(): void {
      queueMicrotask(() => {
        if (!this.isConnected) this.#leave();
      });
    }

    attributeChangedCallback(): void {
      // One that is not on the page is asked about when it is put there.
      if (!this.isConnected || this.#written === null) return;
      if (this.#asked === this.#wish) this.#render();
      else this.#watch();
    }

    get #wish(): string {
      return `${kind.quantityOf(this.dataset)} ${this.dataset["sku"]}`;
    }

    #watch(): void {
      this.#leave();
      this.#asked = this.#wish;
      const { sku } = this.dataset;
      if (!sku) {
        this.#show({ kind: "guest" });
        return;
      }
      const watcher: Watcher = {
        sku,
        topic: kind.topic,
        quantity: kind.quantityOf(this.dataset),
        // Looked at when it is needed: the parser may not have come to the text yet.
        keepsText: (caller, hasFailed) =>
          kind.keepsText(caller, hasFailed) && this.#written === this.#wish && this.textContent?.trim() !== "",
        show: (shown) => {
          if (this.#watcher === watcher) this.#show(shown);
        },
      };
      this.#watcher = watcher;
      pageAnswers().add(watcher);
    }

    #leave(): void {
      if (this.#watcher !== null) pageAnswers().remove(this.#watcher);
      this.#watcher = null;
    }

    #show(shown: Shown): void {
      this.#shown = shown;
      this.#render();
      const detail = { sku: this.#watcher?.sku, quantity: this.#watcher?.quantity, ...shown };
      this.dispatchEvent(new CustomEvent(`pricelane-${kind.topic.name}`, { bubbles: true, composed: true, detail }));
    }

    #render(): void {
      const shown = this.#shown;
      const isOfGuest = shown.kind === "guest" || shown.kind === "waiting";
      const isWritten = isOfGuest && this.#written === this.#wish;
      this.#slot.hidden = !isWritten;
      const view = isWritten ? [] : kind.viewOf(shown, { locale: localeOf(this), data: this.dataset });
      this.#root.replaceChildren(this.#slot, ...view);
      this.setAttribute("state", kind.stateOf(shown));
      // Only while something is under way: some read out an attribute that says false.
      if (shown.kind === "waiting") this.setAttribute("aria-busy", "true");
      else this.removeAttribute("aria-busy");
    }
  };
}

/** Makes an element known to the browser; once, however often the module is loaded. On a server it does nothing. */
export function define(name: string, element: typeof HTMLElement): void {
  // Two bundles on one page must not fail each other, and configure() in the same task must come first.
  queueMicrotask(() => {
    const { customElements: registry } = globalThis;
    if (registry && !registry.get(name)) registry.define(name, element);
  });
}
