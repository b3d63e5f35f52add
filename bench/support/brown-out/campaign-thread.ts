import { parentPort, workerData } from "node:worker_threads";
import { type CampaignOptions, runCampaign } from "./campaign.js";

// One thread of a campaign; see runCampaignOn.

await runCampaign(workerData as CampaignOptions, (part) => parentPort?.postMessage(part));
