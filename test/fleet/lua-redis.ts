import { createHash } from "node:crypto";
import { type LuaEngine, LuaFactory } from "wasmoon";
import type { Clock } from "../../src/clock.js";
import {
  type Store,
  type StoreArgument,
  type StoreReply,
  type StoreScript,
  StoreUnavailable,
} from "../../src/fleet/store.js";
import type { VirtualClock } from "../support/virtual-clock.js";

/** What scripts see of Redis: hashes, sorted sets, and what they publish. Enough for membership, invalidations, who follows the ERP's changes, and the journal. */
const ground = `
local hashes, nowMs, published, runId, saved = {}, 0, {}, 'run1', {}
unpack = table.unpack
local function copy(value)
  if type(value) ~= 'table' then return value end
  local made = {}
  for k, v in pairs(value) do made[k] = copy(v) end
  return made
end
local texts = {}
cjson = {
  encode = function(value) texts[#texts + 1] = copy(value); return 'json:' .. #texts end,
  decode = function(text) return text == '{}' and {} or copy(texts[tonumber(string.sub(text, 6))]) end,
}
local commands = {}
function commands.TIME() return { tostring(nowMs // 1000), tostring(nowMs % 1000 * 1000) } end
function commands.DEL(...) for _, key in ipairs({ ... }) do hashes[key] = nil end end
function commands.INFO() return '# Server\\r\\nrun_id:' .. runId .. '\\r\\n' end
function commands.PEXPIRE() end
function commands.PUBLISH(channel, message) published[#published + 1] = { channel, message } end
function commands.HGET(key, field) return (hashes[key] or {})[field] or false end
function commands.HMGET(key, ...)
  local found = {}
  for place, field in ipairs({ ... }) do found[place] = (hashes[key] or {})[field] or false end
  return found
end
function commands.HSET(key, ...)
  local pairsOf = { ... }
  hashes[key] = hashes[key] or {}
  for place = 1, #pairsOf, 2 do hashes[key][pairsOf[place]] = tostring(pairsOf[place + 1]) end
end
function commands.HINCRBY(key, field, by)
  local sum = tonumber(hashes[key][field]) + by
  hashes[key][field] = tostring(sum)
  return sum
end
function commands.HLEN(key)
  local count = 0
  for _ in pairs(hashes[key] or {}) do count = count + 1 end
  return count
end
function commands.HDEL(key, field) if hashes[key] then hashes[key][field] = nil end end
local function order(key)
  local members = {}
  for member, score in pairs(hashes[key] or {}) do members[#members + 1] = { member, tonumber(score) } end
  table.sort(members, function(a, b) return a[2] < b[2] or (a[2] == b[2] and a[1] < b[1]) end)
  return members
end
function commands.ZADD(key, score, member) commands.HSET(key, member, score) end
function commands.ZREM(key, member) commands.HDEL(key, member) end
function commands.ZSCORE(key, member) return commands.HGET(key, member) end
function commands.ZCARD(key) return commands.HLEN(key) end
function commands.ZRANGE(key, first, last)
  local found, members = {}, order(key)
  for place = first + 1, math.min(last + 1, #members) do found[#found + 1] = members[place][1] end
  return found
end
function commands.ZRANGEBYSCORE(key, low, high, _, offset, count)
  local found = {}
  local function parse(bound)
    local text = tostring(bound)
    if text == '+inf' then return math.huge, false end
    if string.sub(text, 1, 1) == '(' then return tonumber(string.sub(text, 2)), true end
    return tonumber(text), false
  end
  local least, isAbove = parse(low)
  local most, isBelow = parse(high)
  for _, each in ipairs(order(key)) do
    local score = each[2]
    local isIn = (isAbove and score > least or not isAbove and score >= least) and (isBelow and score < most or not isBelow and score <= most)
    if isIn and #found < tonumber(count) then found[#found + 1] = each[1] end
  end
  return found
end
redis = {
  call = function(command, ...) return commands[command](...) end,
  error_reply = function(text) return { err = text } end,
  -- Whether two are alike is all that is asked of it here; the real one tells what it is.
  sha1hex = function(text) return sha1(text) end,
}
redis.pcall = redis.call
function forgetAll() hashes = {} end
function save() saved = copy(hashes) end
-- Begins as another server would that has what was saved.
function restore(name) hashes, runId = copy(saved), name end
local function split(text)
  local parts = {}
  for part in string.gmatch(text, '([^\\1]*)\\1') do parts[#parts + 1] = part end
  return parts
end
function run(script, now, keys, args)
  nowMs, KEYS, ARGV, published = math.floor(now), split(keys), split(args), {}
  local said = {}
  for place, value in ipairs(_G[script]()) do
    said[place] = type(value) == 'number' and 'n' .. math.floor(value) or 's' .. value
  end
  for _, each in ipairs(published) do said[#said + 1] = 'p' .. each[1] .. '\\2' .. each[2] end
  return table.concat(said, '\\1')
end
`;

type Run = (script: string, now: number, keys: string, args: string) => string;

/** A store under virtual time that runs the very scripts and tells what they publish; it can be held up, and lose all. */
export class LuaRedis {
  readonly clock: VirtualClock;
  readonly #engine: LuaEngine;
  readonly #known = new Set<string>();
  readonly #subscribers = new Set<LuaRedisStore>();
  #heldUp: (() => void)[] = [];
  #runs = 1;
  state: "running" | "stopped" | "dead" = "running";

  private constructor(clock: VirtualClock, engine: LuaEngine) {
    this.clock = clock;
    this.#engine = engine;
  }

  static async create(clock: VirtualClock): Promise<LuaRedis> {
    const engine = await new LuaFactory().createEngine();
    engine.global.set("sha1", (text: string) => createHash("sha1").update(toBuffer(text)).digest("hex"));
    await engine.doString(ground);
    return new LuaRedis(clock, engine);
  }

  join(store: LuaRedisStore): void {
    this.#subscribers.add(store);
  }

  /** Goes on where it was stopped, or begins anew: what came while it was stopped is carried out now. */
  goOn(): void {
    this.state = "running";
    for (const run of this.#heldUp.splice(0)) run();
  }

  kill(): void {
    this.state = "dead";
    this.#heldUp = [];
    (this.#engine.global.get("forgetAll") as () => void)();
  }

  /** What another server would know that takes over, or this one after a restart. */
  save(): void {
    (this.#engine.global.get("save") as () => void)();
  }

  /** Goes on with what was saved, as another server unless that one's name is given. */
  restore(name = `run${++this.#runs}`): void {
    (this.#engine.global.get("restore") as (name: string) => void)(name);
  }

  run(script: StoreScript, keys: readonly string[], args: readonly string[], reply: (said: StoreReply) => void): void {
    this.#inTurn(() => {
      const name = `script_${script.name}`;
      if (!this.#known.has(name)) this.#engine.doStringSync(`${name} = function()\n${script.lua}\nend`);
      this.#known.add(name);
      const run = this.#engine.global.get("run") as Run;
      const said = run(name, this.clock.now(), join(keys), join(args)).split("\u0001");
      const told = said.filter((each) => each.startsWith("p")).map((each) => each.slice(1).split("\u0002"));
      for (const [channel = "", message = ""] of told) this.tell(channel, message);
      const values = said.filter((each) => !each.startsWith("p"));
      reply(values.map((each) => (each.startsWith("n") ? Number(each.slice(1)) : toBuffer(each.slice(1)))));
    });
  }

  publish(channel: string, message: string): void {
    this.#inTurn(() => this.tell(channel, message));
  }

  tell(channel: string, message: string): void {
    for (const store of this.#subscribers) store.hear(channel, message);
  }

  #inTurn(run: () => void): void {
    if (this.state === "running") run();
    else if (this.state === "stopped") this.#heldUp.push(run);
  }
}

const join = (parts: readonly string[]) => parts.map((part) => `${part}\u0001`).join("");
/** Before what is no text: the scripts only keep it. */
const bytes = "base64:";
const toBuffer = (text: string) =>
  text.startsWith(bytes) ? Buffer.from(text.slice(bytes.length), "base64") : Buffer.from(text);
const timeoutMs = 100;
const onTheWayMs = 1;

/** One replica's way to such a store. */
export class LuaRedisStore implements Store {
  /** Whether what goes to the store, what comes from it, and of that what others told, is lost. */
  readonly link = { isDeaf: false, isMute: false, misses: false };
  readonly #server: LuaRedis;
  readonly #clock: Clock;
  readonly #listeners: ((isUp: boolean) => void)[] = [];
  readonly #subscriptions: { channel: string; onMessage: (message: string) => void; onGap: () => void }[] = [];
  isUp = true;

  /** @param clock of the replica's own process */
  constructor(server: LuaRedis, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
    server.join(this);
  }

  run(script: StoreScript, keys: readonly string[], args: readonly StoreArgument[]): Promise<StoreReply> {
    const texts = args.map((arg) => (typeof arg === "string" ? arg : `${bytes}${arg.toString("base64")}`));
    return this.#ask((reply) => this.#server.run(script, keys, texts, reply));
  }

  publish(channel: string, message: string): Promise<number> {
    return this.#ask((reply) => {
      this.#server.publish(channel, message);
      reply(1);
    }) as Promise<number>;
  }

  subscribe(channel: string, onMessage: (message: string) => void, onGap: () => void): void {
    this.#subscriptions.push({ channel, onMessage, onGap });
  }

  onChange(listener: (isUp: boolean) => void): void {
    this.#listeners.push(listener);
  }

  hear(channel: string, message: string): void {
    const heard = this.#subscriptions.filter((each) => each.channel === channel);
    if (heard.length === 0 || !this.isUp || this.link.misses) return;
    this.#answer(() => {
      for (const { onMessage } of heard) onMessage(message);
    });
  }

  #ask(send: (reply: (said: StoreReply) => void) => void): Promise<StoreReply> {
    if (!this.isUp) return Promise.reject(new StoreUnavailable("down"));
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        this.#fail();
        reject(new StoreUnavailable("no answer in time"));
      });
      this.#server.clock.after(onTheWayMs, () => {
        if (this.link.isDeaf) return;
        send((said) =>
          this.#answer(() => {
            cancel();
            resolve(said);
          }),
        );
      });
    });
  }

  #answer(tell: () => void): void {
    this.#clock.after(onTheWayMs, () => {
      if (!this.link.isMute) tell();
    });
  }

  #fail(): void {
    if (!this.isUp) return;
    this.isUp = false;
    for (const listener of this.#listeners) listener(false);
    this.#probe();
  }

  #probe(): void {
    this.#clock.after(200, () => {
      if (this.link.isDeaf || this.link.isMute || this.#server.state !== "running") return this.#probe();
      this.isUp = true;
      for (const { onGap } of this.#subscriptions) onGap();
      for (const listener of this.#listeners) listener(true);
    });
  }
}
