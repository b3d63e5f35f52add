import type { StoreScript } from "./store.js";

/** The most replicas that were there at once count for so long, in ms. */
const rememberedMs = 3_600_000;
/** Where there are more replicas than slots, how long one of them has its turn, in ms. */
const turnMs = 1_000;

/** What a replica was answered. granted: it has a lease. late: it was asked too long ago, and the store's time was told alone. */
export const granted = 1;
export const late = 0;

/**
 * Deals out the ERP's slots; why no more than the ERP bears are ever in use: docs/decisions/0028-one-budget-for-a-fleet.md.
 * Its own clock goes on by no more than a lease between two runs and is never set back: after a longer pause, or where the
 * machine's clock was set forward, all leases have ended, and what they allowed still counts as in use.
 */
export const budgetScript: StoreScript = {
  name: "budget",
  lua: `
local id, seq, notAfter = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local held, isKnown, isLeaving = tonumber(ARGV[4]), ARGV[5] == '1', ARGV[6] == '1'
local checkout, storefront, feed = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local most, replicas, seen = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local leaseMs, drainMs, settleMs, graceMs = tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15]), tonumber(ARGV[16])
local limit, grown, factor, ageMs = tonumber(ARGV[17]), tonumber(ARGV[18]), tonumber(ARGV[19]), tonumber(ARGV[20])

local time = redis.call('TIME')
local raw = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if raw > notAfter then return { ${late}, raw } end

local text = redis.call('GET', KEYS[1])
local state
if text then
  state = cjson.decode(text)
else
  state = { clock = 0, raw = raw, learnsUntil = graceMs, limit = limit, fellAt = -1, peak = 0, peakAt = 0, entries = {} }
end
state.clock = state.clock + math.max(math.min(raw - state.raw, leaseMs), 0)
state.raw = raw
local now = state.clock

for name, e in pairs(state.entries) do
  if now >= e.goneAt then state.entries[name] = nil end
end
local own = state.entries[id]
if own and seq <= own.seq then return { ${late}, raw } end
if not own then own = { bornAt = now } end
state.entries[id] = own
own.seq, own.held, own.most, own.replicas = seq, held, most, replicas
own.checkout, own.storefront, own.feed = checkout, storefront, feed
own.endsAt = now + leaseMs
own.goneAt = own.endsAt + drainMs

local names, settled = {}, 0
for name, e in pairs(state.entries) do
  most = math.min(most, e.most)
  replicas = math.max(replicas, e.replicas)
  if now < e.endsAt then
    names[#names + 1] = name
    if now >= e.bornAt + settleMs then settled = settled + 1 end
  end
end
if now < state.learnsUntil then
  state.limit = math.min(state.limit, limit)
  state.peak = math.max(state.peak, seen)
  if isKnown then state.isAgain = 1 end
  if not state.isAgain and settled >= replicas then state.learnsUntil = now end
end
if settled >= state.peak or now - state.peakAt > ${rememberedMs} then
  state.peak, state.peakAt = settled, now
end
replicas = math.max(replicas, state.peak)

state.limit = math.min(state.limit + grown, most)
if factor < 1 and now - ageMs > state.fellAt then
  state.limit = math.max(state.limit * factor, 1)
  state.fellAt = now
end

local floor = math.floor(most / replicas)
local spoken, draining = floor * math.max(replicas - settled, 0), 0
local others = 0
for name, e in pairs(state.entries) do
  if name ~= id then others = others + e.held end
  if now >= e.endsAt then draining = draining + e.held end
end

local share
if isLeaving then
  share = 0
  state.peak = math.max(state.peak - 1, 0)
  if held == 0 then
    state.entries[id] = nil
  else
    own.endsAt = now
    own.goneAt = now + drainMs
  end
elseif now < state.learnsUntil then
  share = math.min(held, floor)
else
  local left = math.max(math.min(math.floor(state.limit), most - spoken - draining), 0)
  table.sort(names)
  local order, count = {}, #names
  local turn = count > left and math.floor(now / ${turnMs}) or 0
  for place = 1, count do order[place] = state.entries[names[(place + turn - 1) % count + 1]] end
  for _, e in ipairs(order) do e.share = 0 end
  local function deal(wanted)
    while left > 0 do
      local least
      for _, e in ipairs(order) do
        if e.share < wanted(e) and (not least or e.share < least.share) then least = e end
      end
      if not least then return end
      least.share = least.share + 1
      left = left - 1
    end
  end
  local function all(e) return e.checkout + e.storefront + e.feed end
  if count <= left then
    deal(function() return 1 end)
  else
    local isDealt = false
    deal(function(e)
      if isDealt or all(e) == 0 then return 0 end
      isDealt = true
      return 1
    end)
  end
  deal(function(e) return e.checkout end)
  deal(function(e) return e.checkout + e.storefront end)
  deal(all)
  deal(function() return most end)
  share = math.min(own.share, math.max(most - spoken - others, math.min(held, floor)))
  for _, e in ipairs(order) do e.share = nil end
  own.held = math.max(held, share)
end

redis.call('SET', KEYS[1], cjson.encode(state), 'PX', leaseMs + drainMs + graceMs)
return { ${granted}, raw, share, floor, replicas, math.floor(state.limit * 1000), #names, now < state.learnsUntil and 1 or 0 }
`,
};
