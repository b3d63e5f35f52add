import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Anybody may import these. The errors and the clock know nobody; the telemetry knows only what the core is called. */
const everybodys = ["src/errors.ts", "src/clock.ts", "src/telemetry"];

interface Folder {
  /** Folders, or single files, that it may import besides its own and {@link everybodys}. */
  readonly mayImport: readonly string[];
  /** The packages that it is a home of; each may have several homes, and stands nowhere else. */
  readonly packages: readonly string[];
}

/** The folders and single files of the product. The longest name that a file lies under is the one that counts. */
const folders: Readonly<Record<string, Folder>> = {
  "src/errors.ts": { mayImport: [], packages: [] },
  "src/clock.ts": { mayImport: [], packages: [] },
  "src/telemetry": { mayImport: ["src/pricing"], packages: ["pino", "prom-client", "@opentelemetry"] },
  "src/pricing": { mayImport: [], packages: ["big.js", "jose"] },
  "src/erp": { mayImport: ["src/pricing"], packages: ["undici"] },
  // One ERP knows nothing of another; what several need stands in src/erp itself.
  "src/erp/demo": { mayImport: ["src/pricing", "src/erp"], packages: [] },
  "src/erp/port": { mayImport: ["src/pricing", "src/erp"], packages: [] },
  "src/erp/tryton": { mayImport: ["src/pricing", "src/erp"], packages: [] },
  "src/erp/dolibarr": { mayImport: ["src/pricing", "src/erp"], packages: [] },
  "src/erp/erpnext": { mayImport: ["src/pricing", "src/erp"], packages: [] },
  "src/erp/odoo": { mayImport: ["src/pricing", "src/erp"], packages: [] },
  "src/erp/business-central": { mayImport: ["src/pricing", "src/erp"], packages: [] },
  "src/erp/sap-business-one": { mayImport: ["src/pricing", "src/erp"], packages: [] },
  "src/erp/sql": { mayImport: ["src/pricing", "src/erp"], packages: ["pg", "mysql2", "mssql"] },
  "src/dispatch": { mayImport: ["src/pricing"], packages: ["opossum"] },
  "src/cache": { mayImport: ["src/pricing"], packages: ["lru-cache"] },
  "src/fleet": { mayImport: ["src/pricing"], packages: ["@redis/client"] },
  "src/feed": { mayImport: ["src/pricing"], packages: ["better-sqlite3"] },
  loaders: { mayImport: ["src/pricing"], packages: ["dataloader"] },
  schema: {
    mayImport: ["src/pricing", "loaders", "src/feed"],
    packages: ["type-graphql", "reflect-metadata", "graphql"],
  },
  "src/http": {
    mayImport: ["src/pricing", "schema/context.ts"],
    packages: ["@apollo/server", "@apollo/utils.keyvaluecache", "graphql", "cors", "jose", "graphql-jit"],
  },
  "src/http/feeds": { mayImport: ["src/pricing", "src/http", "src/feed"], packages: [] },
  // The composition root: the ERP, how its load is controlled, what lies below the loaders, and what lies above.
  "src/create-connector.ts": {
    mayImport: [
      "src/pricing",
      "src/erp",
      "src/erp/demo",
      "src/erp/port",
      "src/erp/tryton",
      "src/erp/dolibarr",
      "src/erp/erpnext",
      "src/erp/odoo",
      "src/erp/sql",
      "src/erp/business-central",
      "src/erp/sap-business-one",
      "src/settings.ts",
    ],
    packages: [],
  },
  "src/load-control.ts": { mayImport: ["src/pricing", "src/dispatch"], packages: [] },
  "src/replicas.ts": {
    mayImport: [
      ...["src/pricing", "src/dispatch", "src/fleet"],
      ...["src/load-control.ts", "src/settings.ts", "src/connector-settings.ts"],
    ],
    packages: [],
  },
  "src/beside-layers.ts": {
    mayImport: ["src/pricing", "src/dispatch", "src/cache", "src/feed", "src/load-control.ts", "src/settings.ts"],
    packages: [],
  },
  "src/layers.ts": {
    mayImport: [
      ...["src/pricing", "src/dispatch", "src/cache", "src/fleet", "src/feed", "loaders"],
      ...["src/load-control.ts", "src/replicas.ts", "src/beside-layers.ts"],
    ],
    packages: [],
  },
  "src/request-context.ts": {
    mayImport: [
      ...["src/pricing", "src/feed", "src/http", "loaders", "schema/context.ts"],
      ...["src/layers.ts", "src/settings.ts"],
    ],
    packages: [],
  },
  "src/gateway.ts": {
    mayImport: [
      ...[
        "src/pricing",
        "src/create-connector.ts",
        "src/layers.ts",
        "src/replicas.ts",
        "src/request-context.ts",
        "src/erp/demo",
        "src/feed",
        "src/fleet",
        "loaders",
        "schema",
        "src/http",
        "src/http/feeds",
      ],
      ...["src/settings.ts", "src/demo-key.ts"],
    ],
    packages: [],
  },
  "src/settings.ts": {
    mayImport: ["src/setting.ts", "src/connector-settings.ts", "src/setting-parsers.ts"],
    packages: [],
  },
  "src/read-settings.ts": {
    mayImport: ["src/setting.ts", "src/settings.ts", "src/connector-settings.ts", "src/setting-checks.ts"],
    packages: [],
  },
  "src/setting-checks.ts": { mayImport: ["src/setting.ts", "src/settings.ts"], packages: [] },
  "src/connector-settings.ts": { mayImport: ["src/setting.ts", "src/setting-parsers.ts"], packages: [] },
  "src/setting.ts": { mayImport: ["src/setting-parsers.ts"], packages: [] },
  "src/setting-parsers.ts": { mayImport: ["src/pricing"], packages: [] },
  "src/demo-key.ts": { mayImport: ["src/settings.ts", "src/setting-parsers.ts"], packages: [] },
  "src/version.ts": { mayImport: [], packages: [] },
  "src/welcome.ts": {
    mayImport: ["src/demo-key.ts", "src/settings.ts", "src/setting-parsers.ts", "src/http", "src/erp/demo"],
    packages: [],
  },
  "src/main.ts": {
    mayImport: [
      "src/gateway.ts",
      "src/settings.ts",
      "src/read-settings.ts",
      "src/welcome.ts",
      "src/version.ts",
      "src/heap-growth.ts",
      "src/http/page",
    ],
    packages: [],
  },
  "src/heap-growth.ts": { mayImport: [], packages: [] },
  "src/cli": {
    mayImport: [
      "src/gateway.ts",
      "src/create-connector.ts",
      "src/settings.ts",
      "src/read-settings.ts",
      "src/setting-parsers.ts",
      "src/demo-key.ts",
      "src/version.ts",
      "src/main.ts",
      "src/erp/demo",
      "src/pricing",
      "src/http/mint-token.ts",
      "src/http/auth-claims.ts",
      "src/feed/formats",
      "src/feed/is-shrunk.ts",
    ],
    packages: ["commander"],
  },
};

const onlyTypes = ["src/http -> schema/context.ts"];

interface Import {
  readonly from: string;
  /** A file of the project, or the name of a package as it is written. */
  readonly to: string;
  readonly isProject: boolean;
  readonly isTypeOnly: boolean;
}

const files = ["src", "schema", "loaders"].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(top, name)),
);
const sources = new Map(files.map((file) => [file, parse(file)]));
const imports = files.flatMap((file) => importsOf(file));

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.ES2023, true);
}

/** Static imports, exports from elsewhere, dynamic imports, and types named by `import("…")`. */
function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean) => {
    if (specifier !== undefined && ts.isStringLiteral(specifier))
      found.push(toImport(file, specifier.text, isTypeOnly));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnlyImport(node));
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(sourceOf(file));
  return found;
}

function isTypeOnlyImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  const { namedBindings, name } = importClause;
  if (importClause.isTypeOnly) return true;
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

function toImport(from: string, specifier: string, isTypeOnly: boolean): Import {
  if (!specifier.startsWith(".")) return { from, to: specifier, isProject: false, isTypeOnly };
  const to = normalize(join(dirname(from), specifier)).replace(/\.js$/, ".ts");
  return { from, to, isProject: true, isTypeOnly };
}

function sourceOf(file: string): ts.SourceFile {
  const source = sources.get(file);
  if (source === undefined) throw new Error(`${file} was not read`);
  return source;
}

const liesIn = (file: string, place: string) => file === place || file.startsWith(`${place}/`);

function folderOf(file: string): string | undefined {
  const places = Object.keys(folders).filter((place) => liesIn(file, place));
  return places.sort((a, b) => b.length - a.length)[0];
}

/** A folder covers what lies in it, but not a folder in it that has rules of its own. */
function isCovered(file: string, by: readonly string[]): boolean {
  const own = folderOf(file) ?? "";
  return by.some((place) => liesIn(file, place) && (own === place || !liesIn(own, place)));
}

function packageOf(specifier: string): string {
  const [scope, name] = specifier.split("/");
  return scope?.startsWith("@") ? `${scope}/${name}` : (scope ?? "");
}

const homesOf = (specifier: string) =>
  Object.keys(folders).filter((place) =>
    folders[place]?.packages.some((name) => packageOf(specifier) === name || specifier.startsWith(`${name}/`)),
  );

describe("the architecture", () => {
  test("there are files to judge, in every folder that is laid down and exists, and imports in them", () => {
    expect(files.length).toBeGreaterThan(80);
    expect(imports.length).toBeGreaterThan(300);
    for (const place of ["src/pricing", "src/cache", "src/dispatch", "src/erp/port", "src/http", "schema", "loaders"]) {
      expect(files.filter((file) => liesIn(file, place)).length).toBeGreaterThan(0);
      expect(imports.filter(({ from }) => liesIn(from, place)).length).toBeGreaterThan(0);
    }
  });

  test("every file lies in a folder with rules, and every import leads to a file that is there", () => {
    expect(files.filter((file) => folderOf(file) === undefined)).toEqual([]);
    const lost = imports.filter(({ to, isProject }) => isProject && !sources.has(to) && !to.endsWith(".json"));
    expect(lost.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test("a folder imports what the table allows it, and nothing else", () => {
    const strangers = imports.filter(({ from, to, isProject }) => {
      const own = folderOf(from);
      if (!isProject || own === undefined || folderOf(to) === own) return false;
      return !isCovered(to, [...(folders[own]?.mayImport ?? []), ...everybodys]);
    });
    expect(strangers.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test("a package stands in its home alone, and has one", () => {
    const strangers = imports.filter(({ from, to, isProject }) => {
      if (isProject || to.startsWith("node:")) return false;
      return !homesOf(to).some((home) => liesIn(from, home));
    });
    expect(strangers.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test("what is allowed as a type is imported as nothing more", () => {
    const allowed = onlyTypes.map((arrow) => arrow.split(" -> "));
    const values = imports.filter(({ from, to, isTypeOnly }) =>
      allowed.some(([place = "", target = ""]) => !isTypeOnly && liesIn(from, place) && liesIn(to, target)),
    );
    expect(values.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test("Node's HTTP stands at the edges: in src/http, and in the demonstration ERP", () => {
    const places = ["src/http", "src/erp/demo", "src/gateway.ts"];
    const strangers = imports.filter(
      ({ from, to }) => /^node:(https?|net)$/.test(to) && !places.some((place) => liesIn(from, place)),
    );
    expect(strangers.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test("no imports go round in a circle, types included", () => {
    const next = new Map(files.map((file) => [file, new Set<string>()]));
    for (const { from, to, isProject } of imports) if (isProject) next.get(from)?.add(to);
    expect(circleIn(next)).toBeNull();
  });

  test("a circle would be found", () => {
    const next = new Map([
      ["a", new Set(["b"])],
      ["b", new Set(["c"])],
      ["c", new Set(["b"])],
    ]);
    expect(circleIn(next)).toEqual(["b", "c", "b"]);
  });

  test("there are no index files, and imports name the file they mean", () => {
    expect(files.filter((file) => /(^|\/)index\.ts$/.test(file))).toEqual([]);
    const vague = imports.filter(
      ({ from, to, isProject }) => isProject && relative(from, to) !== "" && !/\.(ts|json)$/.test(to),
    );
    expect(vague.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test("the environment is read, and the process ended, in the entry points alone", () => {
    const strangers = files.filter((file) => {
      if (file === "src/main.ts" || liesIn(file, "src/cli")) return false;
      return uses(sourceOf(file), "process", ["env", "exit", "exitCode", "argv", "kill", "abort"]);
    });
    expect(strangers).toEqual([]);
  });

  test("time and chance come in from outside: only the entry points and the system's clock read them", () => {
    // The demonstration ERP is a program of its own; only its options fall back on chance.
    const isEntry = (file: string) =>
      ["src/clock.ts", "src/main.ts", "src/erp/demo/options.ts"].includes(file) || liesIn(file, "src/cli");
    const readers = files.filter((file) => {
      const source = sourceOf(file);
      return !isEntry(file) && (uses(source, "Date", ["now"]) || uses(source, "Math", ["random"]));
    });
    expect(readers).toEqual([]);
  });

  test("there are no default exports", () => {
    const withDefault = files.filter((file) => sourceOf(file).statements.some(isDefaultExport));
    expect(withDefault).toEqual([]);
  });
});

function isDefaultExport(node: ts.Statement): boolean {
  if (ts.isExportAssignment(node)) return true;
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}

/** Whether code, not a comment, says `object.property` or takes the property out of the object. */
function uses(source: ts.SourceFile, object: string, properties: readonly string[]): boolean {
  let isUsed = false;
  const isObject = (node: ts.Node | undefined) => node !== undefined && ts.isIdentifier(node) && node.text === object;
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node))
      isUsed ||= isObject(node.expression) && properties.includes(node.name.text);
    if (ts.isElementAccessExpression(node)) isUsed ||= isObject(node.expression);
    if (ts.isVariableDeclaration(node) && isObject(node.initializer)) isUsed = true;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return isUsed;
}

/** The first circle met, its first file named again at the end; null where there is none. */
function circleIn(next: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  function follow(file: string, way: readonly string[]): string[] | null {
    const before = way.indexOf(file);
    if (before >= 0) return [...way.slice(before), file];
    if (done.has(file)) return null;
    for (const each of next.get(file) ?? []) {
      const circle = follow(each, [...way, file]);
      if (circle !== null) return circle;
    }
    done.add(file);
    return null;
  }
  for (const file of next.keys()) {
    const circle = follow(file, []);
    if (circle !== null) return circle;
  }
  return null;
}
