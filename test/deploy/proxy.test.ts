import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { freePort } from "../support/free-port.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { describeWith, parts } from "../support/parts.js";

describeWith("nginx", "three replicas behind deploy/nginx.conf", () => {
  let gateways: GatewayProcess[];
  let folder: string | undefined;
  let nginx: ChildProcess;
  let url: string;

  beforeAll(async () => {
    gateways = await Promise.all([1, 2, 3].map(() => GatewayProcess.start({ TRUST_PROXY: "1" })));
    const made = await mkdtemp(join(tmpdir(), "pricelane-proxy-"));
    folder = made;
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    let config = await readFile("deploy/nginx.conf", "utf8");
    // What stands for the containers' names, ports and folders; all else is the file as it is shipped.
    gateways.forEach((gateway, index) => {
      config = config.replace(`gateway-${index + 1}:4000`, new URL(gateway.url).host);
    });
    config = config.replace("listen 8080", `listen 127.0.0.1:${port}`).replaceAll("/tmp/", `${made}/`);
    await writeFile(join(made, "nginx.conf"), config);
    nginx = spawn(parts.nginx ?? "", ["-c", join(made, "nginx.conf"), "-g", "daemon off;"], { stdio: "ignore" });
    await eventually("nginx listens", () =>
      fetch(`${url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => nginx?.on("exit", resolve));
    if (nginx?.kill("SIGTERM")) await ended;
    await Promise.all((gateways ?? []).map((gateway) => gateway.stop("SIGKILL")));
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const askPrice = async () => {
    const query = encodeURIComponent('{ product(sku: "ELEC-00001") { price { net { amount currency } } } }');
    const response = await fetch(`${url}/graphql?query=${query}`);
    return { status: response.status, body: await response.text() };
  };

  test("a price comes through, and the operators' paths do not", async () => {
    const { status, body } = await askPrice();
    expect(status).toBe(200);
    expect(body).toMatch(/"net":\{"amount":"[\d.]+","currency":"EUR"\}/);
    for (const path of ["/metrics", "/readyz"]) expect((await fetch(`${url}${path}`)).status).toBe(404);
  });

  test("all are answered while one replica is killed", async () => {
    const answers = [];
    for (let count = 0; count < 30; count++) {
      if (count === 10) await gateways[0]?.stop("SIGKILL");
      answers.push((await askPrice()).status);
    }
    expect(answers).toEqual(Array(30).fill(200));
  });
});
