import type { Store, StoreReply } from "../../../src/fleet/store.js";
import type { SeededRandom } from "../seeded-random.js";
import type { Violation } from "../violations.js";
import { drawFleetConditions, type FleetConditions } from "./fleet-conditions.js";
import type { FleetSpoil } from "./simulated-replica.js";

/** A script with a part of it changed. @throws {Error} where that part is not there any more: the fault would be none */
function changed(part: string, by: string): (lua: string) => string {
  return (lua) => {
    if (!lua.includes(part)) throw new Error(`a script no longer has "${part}": break it elsewhere`);
    return lua.replaceAll(part, by);
  };
}

/** The same store, as something of which a part can be replaced. */
function standIn(store: Store): Store {
  return {
    get isUp() {
      return store.isUp;
    },
    run: (script, keys, args) => store.run(script, keys, args),
    publish: (channel, message) => store.publish(channel, message),
    subscribe: (channel, onMessage, onGap) => store.subscribe(channel, onMessage, onGap),
    onChange: (listener) => store.onChange(listener),
  };
}

/** @param change what becomes of the reply to the script of this name */
function withReplies(name: string, change: (reply: Promise<StoreReply>) => Promise<StoreReply>) {
  return (store: Store): Store => {
    const run: Store["run"] = (script, keys, args) => {
      const reply = store.run(script, keys, args);
      return script.name === name ? change(reply) : reply;
    };
    return Object.defineProperties(standIn(store), { run: { value: run } });
  };
}

async function withTwiceTheShare(reply: Promise<StoreReply>): Promise<StoreReply> {
  const numbers = (await reply) as number[];
  return numbers.map((number, place) => (place === 2 ? 2 * number : number));
}

/** Confirms what others have invalidated, and does not heed it. */
function deafToInvalidations(store: Store): Store {
  let replica = "";
  const subscribe: Store["subscribe"] = (channel, onMessage, onGap) => {
    replica = /confirmed:(.+)$/.exec(channel)?.[1] ?? replica;
    if (!channel.endsWith("invalidations")) return store.subscribe(channel, onMessage, onGap);
    store.subscribe(
      channel,
      (message) => {
        const [id, seq, from] = message.split(" ");
        const confirmations = channel.replace(/invalidations$/, `confirmed:${from}`);
        if (from !== replica) void store.publish(confirmations, `${id} ${seq} ${replica}`).catch(() => {});
      },
      onGap,
    );
  };
  return Object.defineProperties(standIn(store), { subscribe: { value: subscribe } });
}

const longWindows = { priceFreshMs: 30_000, priceStaleMs: 60_000, stockFreshMs: 30_000, stockStaleMs: 60_000 };

/** Short losses of the store alone, some invalidations, and memories that last: what was missed shows. */
function drawShortLosses(random: SeededRandom): FleetConditions {
  const conditions = drawFleetConditions(random);
  const { settings, rates } = conditions;
  return {
    ...conditions,
    replicas: 3,
    settings: { ...settings, fleetReplicas: 3, ...longWindows, cacheMaxBytes: 1_000_000 },
    erp: { ...conditions.erp, maxConcurrency: 6, workers: 6, callMs: 5 },
    rates: { ...rates, storefront: 12, changes: 10, invalidations: 1 },
    troubles: { erp: false, store: false, routes: true, replicas: false, clocks: false },
  };
}

interface Breakage {
  /** Ends "a fleet that …". */
  readonly name: string;
  readonly rule: Violation["rule"];
  readonly spoil: FleetSpoil;
  /** Left out, runs are as all are. */
  readonly draw?: (random: SeededRandom) => FleetConditions;
}

/** What a careless change could make of the fleet, and the promise that it breaks. */
export const fleetBreakages: readonly Breakage[] = [
  {
    name: "confirms invalidations and heeds none",
    rule: "before an invalidation",
    spoil: { store: deafToInvalidations },
  },
  {
    name: "draws no lines in time, so that the store tells what was forgotten",
    rule: "before an invalidation",
    spoil: {
      scripts: { invalidate: changed("for i = 5, #ARGV do redis.call('HSET', meta, ARGV[i], now) end", "") },
    },
  },
  {
    name: "fills and tells what was asked before an invalidation",
    rule: "before an invalidation",
    spoil: {
      scripts: {
        fill: changed("if line and tonumber(line) >= asked then return false end", ""),
        take: changed("if line and tonumber(line) >= asked then return false end", ""),
      },
    },
  },
  {
    name: "never hears that it missed an invalidation",
    rule: "before an invalidation",
    spoil: { scripts: { beat: changed("tonumber(redis.call('HGET', meta, 'seq'))", "0") } },
    draw: drawShortLosses,
  },
  {
    name: "takes what the store has for new",
    rule: "too old",
    spoil: { scripts: { take: changed("age = now - asked", "age = 0") } },
  },
  {
    name: "takes twice its share",
    rule: "over the limit",
    spoil: { store: withReplies("budget", withTwiceTheShare) },
  },
  {
    name: "asks what another replica asks",
    rule: "asked twice",
    spoil: { scripts: { take: changed("state = math.max(redis.call('PTTL', lease), 2)", "state = 1") } },
  },
];

/** No fault of a fleet: a store that neither answers a lookup nor refuses it, once it could not be reached. */
export const silentStore: FleetSpoil = {
  store: withReplies("take", (reply) => reply.catch(() => new Promise(() => {}))),
};
