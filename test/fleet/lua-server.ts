import { LuaFactory } from "wasmoon";
import type { Clock } from "../../src/clock.js";
import { budgetScript } from "../../src/fleet/budget-script.js";
import { type Store, type StoreReply, type StoreScript, StoreUnavailable } from "../../src/fleet/store.js";
import type { VirtualClock } from "../support/virtual-clock.js";

/** What the budget's script sees of Redis. Keys are kept as tables: what cjson does to them is tried on the real one. */
const ground = `
local kept, nowMs = {}, 0
local function copy(value)
  if type(value) ~= 'table' then return value end
  local made = {}
  for k, v in pairs(value) do made[k] = copy(v) end
  return made
end
cjson = { encode = copy, decode = copy }
redis = { call = function(command, key, value, _, ms)
  if command == 'TIME' then return { tostring(nowMs // 1000), tostring(nowMs % 1000 * 1000) } end
  if command == 'GET' then return kept[key] and nowMs < kept[key].untilMs and kept[key].value or false end
  if ms % 1 ~= 0 then error('ERR value is not an integer or out of range') end
  kept[key] = { value = value, untilMs = nowMs + ms }
end }
redis.pcall = redis.call
function forgetAll() kept = {} end
function run(now, key, args)
  nowMs, KEYS, ARGV = math.floor(now), { key }, {}
  for arg in string.gmatch(args, '[^ ]+') do ARGV[#ARGV + 1] = arg end
  local reply = script()
  for place, value in ipairs(reply) do reply[place] = string.format('%d', math.floor(value)) end
  return table.concat(reply, ' ')
end
`;

type Run = (now: number, key: string, args: string) => string;

/** A store under virtual time that runs the very script, and can be held up, lose all, or have its clock set. */
export class LuaServer {
  readonly clock: VirtualClock;
  readonly #run: Run;
  readonly #forgetAll: () => void;
  readonly #heldUp: (() => void)[] = [];
  /** By how much its clock is ahead of ours, in ms. */
  skewMs = 0;
  /** How often the script ran. */
  ran = 0;
  state: "running" | "stopped" | "dead" = "running";

  private constructor(clock: VirtualClock, run: Run, forgetAll: () => void) {
    this.clock = clock;
    this.#run = run;
    this.#forgetAll = forgetAll;
  }

  static async create(clock: VirtualClock): Promise<LuaServer> {
    const engine = await new LuaFactory().createEngine();
    await engine.doString(`${ground}\nscript = function()\n${budgetScript.lua}\nend`);
    return new LuaServer(clock, engine.global.get("run") as Run, engine.global.get("forgetAll") as () => void);
  }

  /** Goes on where it was stopped: what came meanwhile is carried out now. */
  goOn(): void {
    this.state = "running";
    for (const run of this.#heldUp.splice(0)) run();
  }

  kill(): void {
    this.state = "dead";
    this.#heldUp.length = 0;
    this.#forgetAll();
  }

  receive(key: string, args: readonly string[], reply: (reply: StoreReply) => void): void {
    const run = () => {
      this.ran++;
      const said = this.#run(this.clock.now() + this.skewMs, key, args.join(" "));
      reply(said.split(" ").map(Number));
    };
    if (this.state === "running") run();
    else if (this.state === "stopped") this.#heldUp.push(run);
  }
}

export interface Link {
  /** What goes to the store is lost. */
  isDeaf: boolean;
  /** What comes from it is lost: it does what it is asked. */
  isMute: boolean;
  /** How long one way takes, in ms. */
  delayMs: number;
}

/** One replica's way to the store. */
export class LuaStore implements Store {
  readonly link: Link = { isDeaf: false, isMute: false, delayMs: 1 };
  readonly #server: LuaServer;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #listeners: ((isUp: boolean) => void)[] = [];
  isUp = true;
  isClosed = false;

  /** @param clock of the replica's own process */
  constructor(server: LuaServer, timeoutMs: number, clock: Clock = server.clock) {
    this.#server = server;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  run(_script: StoreScript, [key = ""]: readonly string[], args: readonly (string | Buffer)[]): Promise<StoreReply> {
    if (!this.isUp) return Promise.reject(new StoreUnavailable("down"));
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.#timeoutMs, () => {
        this.#fail();
        reject(new StoreUnavailable("no answer in time"));
      });
      this.#send(key, args.map(String), (reply) => {
        cancel();
        resolve(reply);
      });
    });
  }

  publish(): Promise<number> {
    return Promise.resolve(0);
  }

  subscribe(): void {}

  onChange(listener: (isUp: boolean) => void): void {
    this.#listeners.push(listener);
  }

  #send(key: string, args: readonly string[], answer: (reply: StoreReply) => void): void {
    const { clock } = this.#server;
    clock.after(this.link.delayMs, () => {
      if (this.link.isDeaf) return;
      this.#server.receive(key, args, (reply) => {
        this.#clock.after(this.link.delayMs, () => {
          if (!this.link.isMute && !this.isClosed) answer(reply);
        });
      });
    });
  }

  #fail(): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.#probe();
  }

  #probe(): void {
    this.#clock.after(200, () => {
      const { isDeaf, isMute } = this.link;
      if (this.isClosed) return;
      if (isDeaf || isMute || this.#server.state !== "running") return this.#probe();
      this.isUp = true;
      for (const listener of this.#listeners) listener(true);
    });
  }
}
