import { LuaFactory } from "wasmoon";
import { StoreRefused, type StoreReply, type StoreScript } from "../../../src/fleet/store.js";

/**
 * What the scripts of `src/fleet` see of Redis, in the few commands they use. Tables that went through cjson are kept as tables: what
 * encoding does to them is tried on the real one. `pairs` goes by name, so that a run repeats itself.
 */
const ground = `
local kept, nowMs, isFull, published = {}, 0, false, {}
local next, hashes = next, {}
unpack = table.unpack
function pairs(t)
  local names, place = {}, 0
  for name in next, t do names[#names + 1] = name end
  table.sort(names)
  return function() place = place + 1; return names[place], t[names[place]] end
end
local function copy(value)
  if type(value) ~= 'table' then return value end
  local made = {}
  for k, v in next, value do made[k] = copy(v) end
  return made
end
cjson = { encode = copy, decode = function(text) return text == '{}' and {} or copy(text) end }
local function whole(text) return string.format('%d', math.floor(tonumber(text))) end
local function stored(value) return type(value) == 'number' and (value % 1 == 0 and whole(value) or tostring(value)) or value end
local function live(key)
  local entry = kept[key]
  if entry and entry.untilMs and nowMs >= entry.untilMs then kept[key] = nil; return nil end
  return entry
end
local function hashOf(key)
  local entry = live(key)
  if not entry then entry = { fields = {} }; kept[key] = entry end
  return entry.fields
end
local grows = { SET = true, HSET = true, HINCRBY = true, APPEND = true }
local commands = {}
function commands.TIME() return { whole(nowMs // 1000), whole(nowMs % 1000 * 1000) } end
function commands.GET(key) local entry = live(key); return entry and entry.value or false end
function commands.SET(key, value, px, ms)
  if px and math.type(tonumber(ms)) ~= 'integer' and tonumber(ms) % 1 ~= 0 then error('ERR value is not an integer or out of range') end
  kept[key] = { value = stored(value), untilMs = px and nowMs + tonumber(ms) or nil }
end
function commands.APPEND(key, value) local entry = live(key); entry.value = entry.value .. value end
function commands.DEL(key) kept[key] = nil end
function commands.PTTL(key) local entry = live(key); return entry and entry.untilMs and entry.untilMs - nowMs or -2 end
function commands.PEXPIRE(key, ms) local entry = live(key); if entry then entry.untilMs = nowMs + tonumber(ms) end end
function commands.HSET(key, ...)
  local fields, parts = hashOf(key), { ... }
  for place = 1, #parts, 2 do fields[parts[place]] = stored(parts[place + 1]) end
end
function commands.HGET(key, field) local entry = live(key); return entry and entry.fields[field] or false end
function commands.HMGET(key, ...)
  local entry, values = live(key), {}
  for place, field in ipairs({ ... }) do values[place] = entry and entry.fields[field] or false end
  return values
end
function commands.HINCRBY(key, field, by)
  local fields = hashOf(key)
  local value = tonumber(fields[field] or 0) + by
  fields[field] = whole(value)
  return value
end
function commands.HLEN(key)
  local entry, count = live(key), 0
  if entry then for _ in next, entry.fields do count = count + 1 end end
  return count
end
function commands.PUBLISH(channel, message) published[#published + 1] = channel .. '\\n' .. message .. '\\n' end
redis = {}
function redis.call(command, ...)
  if isFull and grows[command] then error({ err = "OOM command not allowed when used memory > 'maxmemory'." }) end
  return commands[command](...)
end
function redis.pcall(...)
  local isDone, reply = pcall(redis.call, ...)
  if isDone then return reply end
  return type(reply) == 'table' and reply or { err = reply }
end
local function written(value)
  if type(value) == 'number' then return 'i' .. whole(value) end
  return value and 's' .. value or 'n'
end
local scripts = {}
function learn(name, lua) scripts[name] = assert(load(lua, name)) end
function forget(everyNth)
  if everyNth == 1 then kept = {}; return end
  local place = 0
  for name in pairs(kept) do place = place + 1; if place % everyNth == 0 then kept[name] = nil end end
end
function run(name, now, full, text)
  nowMs, isFull, published, KEYS, ARGV = math.floor(now), full, {}, {}, {}
  local left = nil
  for part in string.gmatch(text, '([^\\n]*)\\n') do
    if not left then left = tonumber(part)
    elseif left > 0 then left = left - 1; KEYS[#KEYS + 1] = part
    else ARGV[#ARGV + 1] = part end
  end
  local isDone, reply = pcall(scripts[name])
  if not isDone then reply = type(reply) == 'table' and reply or { err = tostring(reply) } end
  local lines = {}
  if type(reply) ~= 'table' then lines[1] = written(reply)
  elseif reply.err then lines[1] = 'e' .. reply.err
  else
    lines[1] = 'l'
    for place = 1, #reply do lines[place + 1] = written(reply[place]) end
  end
  return #published .. '\\n' .. table.concat(published) .. table.concat(lines, '\\n')
end
`;

type Run = (name: string, now: number, isFull: boolean, text: string) => string;

/** What stands before an answer's sealed content, which no script looks at; see `shared-entry.ts`. */
const headLength = 40;

export interface Message {
  readonly channel: string;
  readonly message: string;
}

/** Runs the very scripts that replicas send, over data of its own, at instants it is told. */
export class LuaRedis {
  readonly #run: Run;
  readonly #learn: (name: string, lua: string) => void;
  readonly #forget: (everyNth: number) => void;
  readonly #known = new Set<StoreScript>();
  /** Changes a script before it is run: a fault that is put in on purpose. */
  rewrite: (script: StoreScript) => string = ({ lua }) => lua;

  private constructor(run: Run, learn: (name: string, lua: string) => void, forget: (everyNth: number) => void) {
    this.#run = run;
    this.#learn = learn;
    this.#forget = forget;
  }

  static async create(): Promise<LuaRedis> {
    const { global, ...engine } = await createEngine();
    await engine.doString(ground);
    return new LuaRedis(global.get("run"), global.get("learn"), global.get("forget"));
  }

  /** Begins anew, as one that was started. */
  reset(): void {
    this.#known.clear();
    this.forgetEvery(1);
    this.rewrite = ({ lua }) => lua;
  }

  /** @param nth 1 forgets all, 2 every second key */
  forgetEvery(nth: number): void {
    this.#forget(nth);
  }

  /** @param now in ms since the epoch. @throws {StoreRefused} where the script fails */
  run(
    script: StoreScript,
    keys: readonly string[],
    args: readonly (string | Buffer)[],
    now: number,
    isFull: boolean,
  ): { readonly reply: StoreReply; readonly published: readonly Message[] } {
    if (!this.#known.has(script)) {
      this.#learn(script.name, this.rewrite(script));
      this.#known.add(script);
    }
    const text = [String(keys.length), ...keys, ...args.map(toText)].map((part) => `${part}\n`).join("");
    const lines = this.#run(script.name, now, isFull, text).split("\n");
    const count = Number(lines[0]);
    const published = Array.from({ length: count }, (_, index) => ({
      channel: lines[1 + 2 * index] as string,
      message: lines[2 + 2 * index] as string,
    }));
    const [first = "", ...rest] = lines.slice(1 + 2 * count);
    if (first.startsWith("e")) throw new StoreRefused(first.slice(1));
    return { reply: first === "l" ? rest.map(toReply) : toReply(first), published };
  }
}

async function createEngine() {
  const engine = await new LuaFactory().createEngine();
  return { global: engine.global, doString: (lua: string) => engine.doString(lua) };
}

function toText(arg: string | Buffer): string {
  if (typeof arg === "string") return arg;
  return arg.toString("latin1", 0, headLength) + arg.toString("base64", headLength);
}

function toReply(line: string): StoreReply {
  const value = line.slice(1);
  if (line.startsWith("i")) return Number(value);
  if (line.startsWith("n")) return null;
  if (value.length <= headLength) return Buffer.from(value, "latin1");
  return Buffer.concat([
    Buffer.from(value.slice(0, headLength), "latin1"),
    Buffer.from(value.slice(headLength), "base64"),
  ]);
}
