import type { Store, StoreReply } from "../../../src/fleet/store.js";
import type { Violation } from "../violations.js";
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

/** What a careless change could make of the fleet, and the promise that it breaks. */
export const fleetBreakages: readonly (readonly [name: string, rule: Violation["rule"], spoil: FleetSpoil])[] = [
  ["confirms invalidations and heeds none", "before an invalidation", { store: deafToInvalidations }],
  [
    "draws no lines in time, so that the store tells what was forgotten",
    "before an invalidation",
    { scripts: { invalidate: changed("for i = 5, #ARGV do redis.call('HSET', meta, ARGV[i], now) end", "") } },
  ],
  [
    "fills what was asked before an invalidation",
    "before an invalidation",
    {
      scripts: {
        fill: changed("if line and tonumber(line) >= asked then return false end", ""),
        take: changed("if line and tonumber(line) >= asked then return false end", ""),
      },
    },
  ],
  [
    "never hears that it missed an invalidation",
    "before an invalidation",
    { scripts: { beat: changed("tonumber(redis.call('HGET', meta, 'seq'))", "0") } },
  ],
  [
    "takes what the store has for new",
    "too old",
    { scripts: { take: changed("age = math.max(now - asked, 0)", "age = 0") } },
  ],
  ["takes twice its share", "over the limit", { store: withReplies("budget", withTwiceTheShare) }],
  [
    "asks what another replica asks",
    "asked twice",
    { scripts: { take: changed("state = math.max(redis.call('PTTL', lease), 2)", "state = 1") } },
  ],
];
