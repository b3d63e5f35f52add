import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CreateListener, RecordedProduct } from "./contender.js";

// The process of a contender: `node contender-host.js <url of its module>`, started and fed by `inOwnProcess`.
const [, , moduleUrl = ""] = process.argv;
process.channel?.ref(); // there is something to wait for
const fed = once(process, "message");
process.send?.({ ready: true });
const [{ products }] = (await fed) as [{ products: readonly RecordedProduct[] }];
const { createListener } = (await import(moduleUrl)) as { createListener: CreateListener };
const server = createServer({ keepAliveTimeout: 65_000 }, await createListener(products));
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.send?.({ port: (server.address() as AddressInfo).port });
