import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CreateListener, Listen, RecordedProduct } from "./contender.js";

// The process of a contender: `node contender-host.js <url of its module>`, started and fed by `inOwnProcess`.
const [, , moduleUrl = ""] = process.argv;
process.channel?.ref(); // there is something to wait for
const fed = once(process, "message");
process.send?.({ ready: true });
const [{ products }] = (await fed) as [{ products: readonly RecordedProduct[] }];
const contender = (await import(moduleUrl)) as { createListener: CreateListener } | { listen: Listen };
const url = "listen" in contender ? await contender.listen(products) : await serve(contender.createListener);
process.send?.({ url: url.href });

async function serve(createListener: CreateListener): Promise<URL> {
  const server = createServer({ keepAliveTimeout: 65_000 }, await createListener(products));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
}
