import { parseArgs } from "node:util";
import { startDemoErp } from "../../../src/erp/demo/demo-erp.js";

// The process of the demonstration ERP, of a latency that is known: no call slows another one down. It gives its address once it
// listens, and what it was asked since the last question whenever it is asked.

const { values } = parseArgs({ options: { order: { type: "string", default: "{}" } } });
const erp = await startDemoErp({ contention: 0, ...JSON.parse(values.order) });

process.on("message", (message: { take?: "stats" }) => {
  if (message.take !== "stats") return;
  process.send?.(erp.stats());
  erp.resetStats();
});
process.channel?.ref();
process.send?.({ url: erp.url.href });
process.on("SIGTERM", () => void erp.stop().then(() => process.exit(0)));
