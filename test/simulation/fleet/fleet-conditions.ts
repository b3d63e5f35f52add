import type { Settings } from "../../../src/settings.js";
import { type Conditions, drawConditions } from "../conditions.js";
import type { SeededRandom } from "../seeded-random.js";

/** What can go wrong in a run. */
export interface Troubles {
  readonly erp: boolean;
  readonly store: boolean;
  readonly routes: boolean;
  readonly replicas: boolean;
  readonly clocks: boolean;
}

/** What a run of a fleet is like, all of it drawn from its seed. */
export interface FleetConditions extends Conditions {
  readonly replicas: number;
  readonly troubles: Troubles;
  /** Whether nobody leaves early, asks live, or asks for a most age. */
  readonly isPlain: boolean;
}

/** The parts of a run, in ms, as those of one gateway; to recover takes longer, since leases of before must end first. */
export const parts = { calmMs: 6_000, troubledMs: 12_000, recoveryMs: 22_000, lastMs: 5_000 };

/** How long a replica that leaves answers what it accepted, in ms. */
export const drainMs = 5_000;

export function drawFleetConditions(random: SeededRandom): FleetConditions {
  const { settings, erp, rates, quietMs } = drawConditions(random.fork());
  const replicas = random.chance(0.5) ? 6 : random.int(2, 5);
  // Where there are fewer slots than replicas nobody has any without the store: a rare wish.
  const maxConcurrency = random.chance(0.1) ? random.int(1, replicas) : random.int(replicas, replicas + 6);
  // So that all of the limit is used, also where it is dealt out in parts: else nothing would show that too much was.
  const isPressed = random.chance(0.4);
  const pressed = { callMs: random.int(150, 300), keysPerCall: random.pick([1, 2]), isGrouped: true };
  return {
    replicas,
    settings: { ...settings, ...drawFleetSettings(random, replicas) },
    erp: {
      ...erp,
      ...(isPressed ? pressed : {}),
      maxConcurrency,
      workers: Math.max(maxConcurrency - random.int(0, 2), 1),
    },
    rates: isPressed ? { ...rates, storefront: 12, checkout: 4 } : rates,
    quietMs: quietMs > 0 ? 70_000 : 0,
    isPlain: false,
    troubles: {
      erp: random.chance(0.5),
      store: random.chance(0.6),
      routes: random.chance(0.6),
      replicas: random.chance(0.6),
      clocks: random.chance(0.3),
    },
  };
}

/** Time-outs so short that leases and calls of before the troubles have ended when the last window begins. */
function drawFleetSettings(random: SeededRandom, replicas: number): Partial<Settings> {
  return {
    connector: "port",
    fleetReplicas: replicas,
    valkeyKeySecret: new TextEncoder().encode("a secret of the simulated fleet, long enough"),
    valkeyTimeoutMs: random.pick([50, 100, 250]),
    erpTimeoutMs: random.pick([500, 1_500]),
    erpAbandonMs: random.pick([null, 0, 400]),
  };
}
