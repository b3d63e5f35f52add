import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readSettings } from "../../src/read-settings.js";
import { describeWith } from "../support/parts.js";

const chart = "deploy/helm/pricelane";
const defaults = parse(readFileSync(`${chart}/values.yaml`, "utf8")) as Values;

type Values = Record<string, unknown>;

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
}

const everything: Values = {
  env: { ERP_CONNECTOR: "port", ERP_URL: "https://erp.example", CALLER_KEYS_BURST: "1000000" },
  existingSecret: "pricelane",
  files: [{ name: "quote-keys", secretName: "pricelane-quote-keys" }],
  imagePullSecrets: [{ name: "registry" }],
  ingress: {
    enabled: true,
    className: "nginx",
    host: "prices.example",
    tlsSecretName: "tls",
    annotations: { "a.example/b": "c" },
  },
  autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 9, cpuUtilization: 60, requestsInFlight: 20 },
  monitoring: { port: 9464, podMonitor: true, alerts: true, labels: { release: "prometheus" } },
  networkPolicy: { enabled: true, from: [{ podSelector: { matchLabels: { app: "shop" } } }], metricsFrom: [] },
  nodeSelector: { disk: "ssd" },
  podAnnotations: { "a.example/b": "c" },
};

describe("values.schema.json", () => {
  const validate = new Ajv({ allErrors: true }).compile(
    JSON.parse(readFileSync(`${chart}/values.schema.json`, "utf8")) as object,
  );

  test.each([
    ["the defaults", {}],
    ["everything that can be set", everything],
  ])("takes %s", (_, values) => {
    validate({ ...defaults, ...values });
    expect(validate.errors).toBeNull();
  });

  test.each([
    ["a misspelt value", { replcas: 3 }, "must NOT have additional properties"],
    ["a number in env, which Helm would write as 1e+06", { env: { MAX_SKUS: 1_000_000 } }, "must be string"],
    ["no replicas", { replicas: 0 }, "must be >= 1"],
  ])("refuses %s", (_, values, complaint) => {
    expect(validate({ ...defaults, ...values })).toBe(false);
    expect(validate.errors?.map(({ message }) => message)).toContain(complaint);
  });
});

describeWith("sprig", "the chart, rendered by Go's templates", () => {
  let program: string;

  beforeAll(async () => {
    program = join(mkdtempSync(join(tmpdir(), "pricelane-chart-")), "render");
    await promisify(execFile)("go", ["build", "-o", program, "./test/support/helm-render"], {
      env: { ...process.env, GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOFLAGS: "" },
    });
  });

  async function render(values: Values): Promise<Resource[]> {
    const child = spawn(program, [chart]);
    child.stdin.end(JSON.stringify({ ...defaults, ...values }));
    let printed = "";
    let complaint = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      complaint += chunk.toString("utf8");
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    if (code !== 0) throw new Error(complaint);
    return parseAllDocuments(printed)
      .map((document) => document.toJS() as Resource | null)
      .filter((resource) => resource !== null);
  }

  async function renderKind(kind: string, values: Values): Promise<unknown> {
    return (await render(values)).find((resource) => resource.kind === kind);
  }

  test.each([
    ["by default", {}, ["Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service"]],
    [
      "with everything",
      everything,
      [
        "Deployment",
        "HorizontalPodAutoscaler",
        "Ingress",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "PodMonitor",
        "PrometheusRule",
        "Service",
      ],
    ],
  ])("%s, makes what Kubernetes' own schemas accept", async (_, values, kinds) => {
    const resources = await render(values);
    expect(resources.map(({ kind }) => kind).sort()).toEqual(kinds);
    for (const resource of resources) {
      if (resource.apiVersion.startsWith("monitoring.coreos.com")) continue; // the operator's own, in no package
      const models = (await import(`kubernetes-models/${resource.apiVersion}/${resource.kind}`)) as Models;
      new (models[resource.kind] as Model)(resource).validate();
    }
  });

  test("Kubernetes' schemas are really asked", async () => {
    const models = (await import("kubernetes-models/apps/v1/Deployment")) as unknown as Models;
    const deployment = (await renderKind("Deployment", {})) as { spec: object };
    const Deployment = models["Deployment"] as Model;
    expect(() => new Deployment({ ...deployment, spec: { ...deployment.spec, replicas: "two" } }).validate()).toThrow(
      /replicas/,
    );
  });

  test("settings arrive in the environment as they were written", async () => {
    const deployment = (await renderKind("Deployment", everything)) as DeploymentShape;
    const env = Object.fromEntries(
      deployment.spec.template.spec.containers[0]?.env.map((e) => [e.name, e.value]) ?? [],
    );
    expect(env).toMatchObject({ CALLER_KEYS_BURST: "1000000", METRICS_PORT: "9464" });
    expect(readSettings(env)).toMatchObject({
      connector: "port",
      callerKeysBurst: 1_000_000,
      metricsPort: 9464,
      fleetReplicas: 10,
    });
  });

  test("a stopping pod has time to answer what it accepted", async () => {
    const { spec } = ((await renderKind("Deployment", {})) as DeploymentShape).spec.template;
    const preStopSeconds = 5;
    const drainSeconds = 5;
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(preStopSeconds + drainSeconds);
  });

  test.each([
    ["an ERP without a Secret", { env: { ERP_CONNECTOR: "port" } }, "existingSecret is empty"],
    ["a port of one's own", { env: { PORT: "8080" } }, "env.PORT is set by the chart"],
    [
      "an ingress without a host",
      { ingress: { ...(everything["ingress"] as object), host: "" } },
      "ingress.host is empty",
    ],
  ])("%s is refused, with the mend", async (_, values, complaint) => {
    await expect(render(values)).rejects.toThrow(complaint);
  });
});

type Model = new (resource: object) => { validate(): void };
type Models = Readonly<Record<string, unknown>>;

interface DeploymentShape {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly { readonly env: readonly { readonly name: string; readonly value: string }[] }[];
      };
    };
  };
}
