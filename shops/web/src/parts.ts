/** An element of a shadow tree that a shop's style sheet reaches by `::part()`. */
export function part(name: string, text: string, tag = "span"): HTMLElement {
  const element = document.createElement(tag);
  element.setAttribute("part", name);
  element.textContent = text;
  return element;
}

/** A shadow tree with styles made of script, never of a `<style>`: a strict content security policy lets them pass. */
export function withSheet(host: HTMLElement, css: string): ShadowRoot {
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  return root;
}
