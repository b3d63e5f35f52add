// The landing page's own script. React, ReactDOM and GraphiQL were loaded before it, as globals.
const { React, ReactDOM, GraphiQL } = globalThis;
const { useEditorContext, useExecutionContext } = GraphiQL.React;
const { createElement: h, useEffect } = React;

const { endpoint, tokens, exampleQuery } = JSON.parse(document.getElementById("data").textContent);

/** What the picker needs of GraphiQL; filled in by Remote, the only place from where React lets it be reached. */
const remote = { setHeaders: (_change) => {}, runQuery: () => {} };

function Remote() {
  const { headerEditor, queryEditor } = useEditorContext();
  const { run } = useExecutionContext();
  useEffect(() => {
    if (headerEditor) remote.setHeaders = (change) => headerEditor.setValue(change(headerEditor.getValue()));
    remote.runQuery = () => {
      // Choosing who asks must not repeat a mutation that happens to stand in the editor.
      if (queryEditor && onlyQueries(queryEditor.getValue())) run();
    };
  });
  return null;
}

function onlyQueries(text) {
  try {
    const operations = GraphiQL.GraphQL.parse(text).definitions.filter(({ kind }) => kind === "OperationDefinition");
    return operations.length > 0 && operations.every(({ operation }) => operation === "query");
  } catch {
    return false;
  }
}

/** The text of the headers with the Authorization of this caller in it; other headers stay as they are. */
function withToken(text, token) {
  const { Authorization: _replaced, ...others } = parseObject(text);
  const headers = token === null ? others : { ...others, Authorization: `Bearer ${token}` };
  return Object.keys(headers).length === 0 ? "" : JSON.stringify(headers, null, 2);
}

function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

function choose({ token, about }) {
  document.getElementById("about").textContent = about;
  remote.setHeaders((text) => withToken(text, token));
}

function showCaller(caller, index) {
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "caller", checked: index === 0 });
  input.addEventListener("change", () => {
    choose(caller);
    remote.runQuery();
  });
  const label = Object.assign(document.createElement("label"), { className: "caller" });
  const text = Object.assign(document.createElement("span"), { textContent: caller.label });
  label.append(input, text);
  return label;
}

function App() {
  return h(
    GraphiQL,
    {
      fetcher: GraphiQL.createFetcher({ url: endpoint, enableIncrementalDelivery: false }),
      storage: GraphiQL.createLocalStorage({ namespace: "pricelane" }),
      defaultQuery: exampleQuery,
      defaultHeaders: withToken("", tokens[0]?.token ?? null),
      defaultEditorToolsVisibility: "headers",
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
    },
    h(GraphiQL.Toolbar, null, ({ prettify, merge, copy }) => h(React.Fragment, null, prettify, merge, copy, h(Remote))),
  );
}

document.getElementById("callers").append(...tokens.map(showCaller));
document.getElementById("about").textContent = tokens[0]?.about ?? "";
ReactDOM.createRoot(document.getElementById("editor")).render(h(App));
