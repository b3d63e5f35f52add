import type { AssetName } from "./page-assets.js";

/** A ready-made caller to try the gateway as. */
export interface PageToken {
  /** A few words, such as "Anonymous" or "Baker Ltd". */
  readonly label: string;
  /** Sent as `Authorization: Bearer …`; null for an anonymous caller. */
  readonly token: string | null;
  /** One line: what is special about this caller. */
  readonly about: string;
}

/** What the page's own script reads. */
export interface PageData {
  /** The path of GraphQL. */
  readonly endpoint: string;
  readonly tokens: readonly PageToken[];
  readonly exampleQuery: string;
}

/** @param pathOf the path under which an asset is served */
export function renderPage(data: PageData, pathOf: (name: AssetName) => string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pricelane</title>
<link rel="icon" type="image/svg+xml" href="${pathOf("icon.svg")}">
<link rel="stylesheet" href="${pathOf("graphiql.css")}">
<link rel="stylesheet" href="${pathOf("page.css")}">
</head>
<body>
<header>
<h1><img src="${pathOf("icon.svg")}" alt="" width="28" height="28">Pricelane</h1>
<p>True prices and stock from the ERP, live, without drowning it.</p>
<form autocomplete="off">
<fieldset>
<legend>Ask as</legend>
<div id="callers"></div>
</fieldset>
</form>
<p id="about" role="status"></p>
</header>
<main id="editor" aria-label="GraphQL editor">
<noscript><p>This page needs JavaScript. The gateway does not: send GraphQL to ${escapeText(data.endpoint)}.</p></noscript>
</main>
<script type="application/json" id="data">${toInlineJson(data)}</script>
<script src="${pathOf("react.js")}"></script>
<script src="${pathOf("react-dom.js")}"></script>
<script src="${pathOf("graphiql.js")}"></script>
<script src="${pathOf("page.js")}"></script>
</body>
</html>
`;
}

/** JSON that cannot end the script element it stands in, whatever a label says. */
function toInlineJson(data: PageData): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
