import { buyersRememberedMs, floorShare, spareShare } from "../pricing/feed-room.js";
import type { StoreScript } from "./store.js";

/** The most replicas that were there at once count for so long, in ms. */
const rememberedMs = 3_600_000;
/** Who was there is remembered for so long after the last of them was heard of, in ms: one that the store has not heard of for long may still have calls under way. */
const keptMs = 86_400_000;
/** Where there are more replicas than slots, how long one of them has its turn, in ms. */
const turnMs = 1_000;
/** From so many slots a replica on, one stays with each whatever others want. */
const ampleSlots = 2;
/** For how long after a checkout one stays with its replica, likewise, in ms. */
const checkoutsRememberedMs = 1_000;

/** What an entry holds; without all of it, it was not written here. */
const entryNumbers = [
  "seq",
  "held",
  "most",
  "replicas",
  "checkout",
  "storefront",
  "feed",
  "bornAt",
  "endsAt",
  "goneAt",
];

/** What a replica was answered. granted: it has a lease. late: it was asked too long ago, or nobody knows when, and the store's time was told alone. */
export const granted = 1;
export const late = 0;

/**
 * Deals out the ERP's slots; why no more than the ERP bears are ever in use: docs/decisions/0028-one-budget-for-a-fleet.md.
 * Its own clock goes on by no more than a lease between two runs and is never set back: after a longer pause, or where the
 * machine's clock was set, which a replica alone may know, it goes on by a lease. All leases have ended then, what they allowed still
 * counts as in use, and as nobody knows how long that was, none of it makes a replica older, or what one held end earlier.
 *
 * Of an entry: `held`, the most calls it may have under way; `bornAt`, when it was first heard of; `seenAt`, when last, which older
 * releases leave out; `endsAt`, until when it is leased; `goneAt`, when all its calls have ended; `isFirst`, it was there when all there can be were there;
 * `isFeedPressed`, its feed is short of time. `isSetBack` of the state: what was heeded last may have been late.
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
local isFeedPressed, notBefore = ARGV[21] == '1', tonumber(ARGV[22])

local time = redis.call('TIME')
local raw = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local isBehind = raw < notBefore
if raw > notAfter and not isBehind then return { ${late}, raw } end

local function areNumbers(of, names)
  for _, name in ipairs(names) do
    if type(of[name]) ~= 'number' then return false end
  end
  return true
end
local function isWhole(state)
  if type(state) ~= 'table' or type(state.entries) ~= 'table' then return false end
  for _, e in pairs(state.entries) do
    if type(e) ~= 'table' or not areNumbers(e, { ${entryNumbers.map((name) => `'${name}'`).join(", ")} }) then return false end
  end
  return areNumbers(state, { 'clock', 'raw', 'learnsUntil', 'limit', 'fellAt', 'peak', 'peakAt' })
end
local text = redis.pcall('GET', KEYS[1])
local isRead, state = pcall(cjson.decode, text)
isRead = isRead and isWhole(state)
-- Our clock was set back, or the replica's forward: when this was sent nobody knows. By more than a little, what was heeded since may have been late, too.
if isBehind then
  if isRead and raw < notBefore - leaseMs / 10 then
    state.isSetBack = 1
    redis.call('SET', KEYS[1], cjson.encode(state), 'PX', ${keptMs})
  end
  return { ${late}, raw }
end
if not isRead then
  state = { clock = 0, raw = raw, learnsUntil = graceMs, limit = limit, fellAt = -1, peak = 0, peakAt = 0, entries = {} }
  -- Somebody else wrote there: as one that was emptied while replicas have their shares.
  if text then state.isAgain = 1 end
end
local passed = raw - state.raw
local isKnownTime = passed >= 0 and passed <= leaseMs and not state.isSetBack
if not isKnownTime then passed = leaseMs end
state.clock = state.clock + passed
state.raw, state.isSetBack = raw, nil
local now = state.clock

for name, e in pairs(state.entries) do
  if not isKnownTime then e.bornAt, e.goneAt = e.bornAt + passed, e.goneAt + passed end
  if now >= e.goneAt then state.entries[name] = nil end
end
local own = state.entries[id]
if own and seq <= own.seq then return { ${late}, raw } end
if not own then own = { bornAt = now } end
state.entries[id] = own
own.seq, own.held, own.most, own.replicas = seq, held, most, replicas
own.checkout, own.storefront, own.feed = checkout, storefront, feed
own.isFeedPressed = isFeedPressed and 1 or nil
own.seenAt, own.endsAt = now, now + leaseMs
if checkout + storefront > 0 then own.buyersAt = now end
if checkout > 0 then own.checkoutAt = now end
own.goneAt = own.endsAt + drainMs

local leased, lost, settled, old = {}, {}, 0, {}
local lastBorn, firstSeen = 0, now
for name, e in pairs(state.entries) do
  most = math.min(most, e.most)
  replicas = math.max(replicas, e.replicas)
  if now < e.endsAt then
    leased[#leased + 1] = name
    if now >= e.bornAt + settleMs then settled = settled + 1 end
    lastBorn, firstSeen = math.max(lastBorn, e.bornAt), math.min(firstSeen, e.seenAt or 0)
  else
    lost[#lost + 1] = e
  end
  if e.seenAt and now >= e.bornAt + graceMs then old[e] = true end
end
if now < state.learnsUntil then
  state.limit = math.min(state.limit, limit)
  state.peak = math.max(state.peak, seen)
  if isKnown then state.isAgain = 1 end
  -- All there can be were there at one time, each heard of before and after it, be it by words that came late.
  if not state.isAgain and #leased >= replicas and lastBorn + settleMs - leaseMs <= firstSeen then
    state.learnsUntil = now
    for _, name in ipairs(leased) do state.entries[name].isFirst = 1 end
  end
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
local others, certain, heard, draining = 0, 0, 0, 0
for _, name in ipairs(leased) do
  local e = state.entries[name]
  if name ~= id then others = others + e.held end
  if e.isFirst or now >= e.bornAt + math.max(settleMs, drainMs) then certain = certain + 1 end
  if old[e] then heard = heard + 1 end
end
for _, e in ipairs(lost) do
  draining = draining + e.held
  if old[e] then heard = heard + 1 end
end
-- One that is lost uses what it held until its calls have ended, and its place only after that: the most at any time to come is kept free.
table.sort(lost, function(one, other) return (one.seenAt or math.huge) < (other.seenAt or math.huge) end)
local function kept() return draining + floor * math.max(replicas - math.max(certain, heard), 0) end
local reserved = kept()
for _, e in ipairs(lost) do
  draining = draining - e.held
  if old[e] then heard = heard - 1 end
  reserved = math.max(reserved, kept())
end

local share, feedShare = 0, 0
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
  local left = math.max(math.min(math.floor(state.limit), most - reserved), 0)
  local dealt = left
  table.sort(leased)
  local count = #leased
  local turn = math.floor(now / ${turnMs})
  local isCrowded = count > left
  local function inTurn(isTurning)
    local turned = {}
    for place = 1, count do turned[place] = state.entries[leased[(place - 1 + (isTurning and turn or 0)) % count + 1]] end
    return turned
  end
  local order, feeders = inTurn(isCrowded), inTurn(true)
  for _, e in ipairs(order) do e.share, e.feeds = 0, 0 end
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
  local function buyers(e) return e.checkout + e.storefront end
  local function hadBuyers(e) return e.buyersAt and now - e.buyersAt <= ${buyersRememberedMs} end
  if isCrowded then
    local isDealt = false
    deal(function(e)
      if isDealt or all(e) == 0 then return 0 end
      isDealt = true
      return 1
    end)
  else
    -- Where a replica has buyers their calls earn its feed a tenth of the time. The feed of one that has none would stand still as long as others have enough.
    local tenth = math.max(math.floor(dealt * ${floorShare}), 1)
    for _, e in ipairs(feeders) do
      if tenth > 0 and e.feed > 0 and not hadBuyers(e) then
        e.share, e.feeds, left, tenth = 1, 1, left - 1, tenth - 1
      end
    end
  end
  local function one() return 1 end
  -- A replica that has none when the store is lost has none for a while: one stays with each, where that takes no more than half of all.
  if dealt >= ${ampleSlots} * count then deal(one) end
  -- Where fewer, with each that had checkouts just now.
  if not isCrowded then
    deal(function(e) return e.checkoutAt and now - e.checkoutAt <= ${checkoutsRememberedMs} and 1 or 0 end)
  end
  deal(function(e) return e.checkout end)
  deal(buyers)
  -- What feeds may have besides, and slots for a buyer who may come are taken off.
  local function dealToFeeds(isWanting)
    local forFeed, isBuyersTime = dealt, false
    for _, e in ipairs(order) do
      forFeed = forFeed - math.min(e.share - e.feeds, buyers(e)) - e.feeds
      if hadBuyers(e) then isBuyersTime = true end
    end
    if isBuyersTime and dealt > 1 then forFeed = forFeed - math.ceil(dealt * ${spareShare}) end
    while forFeed > 0 do
      local least
      for _, e in ipairs(feeders) do
        local isFree = left > 0 or e.share > buyers(e) + e.feeds
        if isFree and isWanting(e) and e.feeds < e.feed and (not least or e.feeds < least.feeds) then least = e end
      end
      if not least then return end
      if least.share <= buyers(least) + least.feeds then
        least.share = least.share + 1
        left = left - 1
      end
      least.feeds = least.feeds + 1
      forFeed = forFeed - 1
    end
  end
  -- A slot for nobody yet does not stand idle where a feed has waited for half of its time.
  if not isCrowded then dealToFeeds(function(e) return e.isFeedPressed end) end
  deal(one)
  dealToFeeds(function() return true end)
  deal(function() return most end)
  feedShare = own.feeds
  share = math.min(own.share, math.max(most - reserved - others, math.min(held, floor)))
  for _, e in ipairs(order) do e.share, e.feeds = nil, nil end
  own.held = math.max(held, share)
end

redis.call('SET', KEYS[1], cjson.encode(state), 'PX', ${keptMs})
return { ${granted}, raw, share, floor, replicas, math.floor(state.limit * 1000), #leased, now < state.learnsUntil and 1 or 0, feedShare }
`,
};
