import type { Contender } from "./controller.js";
import { createAimdAlone, createBreakerAlone, createNoControl } from "./plain-controllers.js";
import { plan } from "./plan.js";
import { createPricelane, createPricelaneOfFleet } from "./pricelane.js";

/** What one of six replicas is given of the ERP's calls at once, so that all together stay within them. */
const callsOfOneInSix = Math.floor(plan.erp.workers / 6);

export const pricelane: Contender = {
  name: "Pricelane",
  replicas: 1,
  create: (parts) => createPricelane(parts, plan.erp.workers),
};

const pricelaneOfSixAlone: Contender = {
  name: `Pricelane, limit ${callsOfOneInSix} each`,
  replicas: 6,
  create: (parts) => createPricelane(parts, callsOfOneInSix),
};

export const pricelaneFleet: Contender = {
  name: "Pricelane, one budget",
  replicas: 6,
  warmUpMs: 5_000,
  create: (parts) => createPricelaneOfFleet(parts, plan.erp.workers, 6),
};

export const contenders: readonly Contender[] = [
  { name: "client time-outs alone", replicas: 1, create: createNoControl },
  { name: "client time-outs alone", replicas: 6, create: createNoControl },
  { name: "breaker alone", replicas: 1, create: createBreakerAlone },
  { name: "breaker alone", replicas: 6, create: createBreakerAlone },
  { name: "AIMD alone", replicas: 1, create: createAimdAlone },
  { name: "AIMD alone", replicas: 6, create: createAimdAlone },
  pricelaneOfSixAlone,
  pricelane,
  pricelaneFleet,
];
