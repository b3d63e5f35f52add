import { entryVersion } from "./shared-entry.js";
import type { StoreScript } from "./store.js";

// All of a fleet's truth stands in one hash, KEYS[1]: which life of the store this is (`id`), the latest time it told (`at`), when that
// life began (`born`, later by as long as nobody asked), before when nothing is believed (`floor`), how many invalidations there were (`seq`), who is there (`members`),
// and for each name that was invalidated its line in time (`l:…`). Where the store lost or evicted it, a new life begins, and nothing
// that was written in another is believed: no line can be lost alone.
//
// All instants are the store's own, in ms since the epoch. ARGV[1] is the id that a new life would have, ARGV[2] the replica, 16 characters each.

/** A clock set back by more than this, in ms, begins a new life: no age could be told. */
const believedBackMs = 1_000;

/** Every replica that reaches the store asks it once a second. Of longer without a question, in ms, no more counts towards who is there being known. */
const unaskedMs = 2_000;

const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local meta = KEYS[1]
local known = redis.call('HMGET', meta, 'id', 'at', 'floor')
local id, at, floor = known[1], tonumber(known[2] or ''), tonumber(known[3] or '')
if not (id and at and floor) or now < at - ${believedBackMs} then
  id, floor = ARGV[1], now - 1
  redis.call('DEL', meta)
  redis.call('HSET', meta, 'id', id, 'at', now, 'born', now, 'floor', floor, 'seq', 0, 'members', '{}')
else
  now = math.max(now, at)
  -- Its clock was set forward, or nobody could ask: either way nobody came to be known meanwhile.
  if now - at > ${unaskedMs} then redis.pcall('HINCRBY', meta, 'born', now - at - ${unaskedMs}) end
  redis.call('HSET', meta, 'at', now)
end
local function headOf(entry)
  if type(entry) ~= 'string' or string.sub(entry, 1, 1) ~= '${entryVersion}' or string.sub(entry, 2, 17) ~= id then return nil end
  return tonumber(string.sub(entry, 18, 30)), tonumber(string.sub(entry, 31, 40))
end
local function isBelieved(asked, lines)
  if asked <= floor or asked > now then return false end
  for _, line in ipairs(redis.call('HMGET', meta, unpack(lines))) do
    if line and tonumber(line) >= asked then return false end
  end
  return true
end
local function textOf(key)
  local value = redis.pcall('GET', key)
  return type(value) == 'string' and value or nil
end`;

/** How many lines in time may touch one key: of its kind, and of its SKU, customer and price scope. */
export const linesPerKey = 4;

/** What the script takes for one key of {@link takeScript}. */
const argumentsPerTake = 1 + linesPerKey;

/**
 * Reads entries, and leases those that nobody has in a usable state. KEYS: the hash, the entries, their leases. ARGV[3]: the oldest that will do,
 * in ms. ARGV[4]: how long a lease is, in ms. Then for each key an instant, since this replica will not take what was asked then or before (0: it takes
 * all), and its lines.
 * Replies the life, the time, and for each key a state (0: it is fresh, 1: it is for this replica to ask, else: for how many ms another
 * one has it), the age in ms, and the entry.
 */
export const takeScript: StoreScript = {
  name: "take",
  lua: `${prelude}
local count = (#KEYS - 1) / 2
local reply = { id, now }
for i = 1, count do
  local entry, age, state = textOf(KEYS[1 + i]), 0, nil
  local asked, fresh = headOf(entry)
  local first = 5 + (i - 1) * ${argumentsPerTake}
  local lines = { unpack(ARGV, first + 1, first + ${linesPerKey}) }
  if asked and fresh and asked > tonumber(ARGV[first]) and isBelieved(asked, lines) then
    age = now - asked
    if age < fresh and age <= tonumber(ARGV[3]) then state = 0 end
  else
    entry = nil
  end
  if not state then
    local lease = KEYS[1 + count + i]
    local holder = textOf(lease)
    if not holder then
      redis.call('SET', lease, ARGV[2], 'PX', ARGV[4])
      state = 1
    elseif string.sub(holder, 1, 16) == ARGV[2] then
      state = 1
    else
      if not string.find(holder, ARGV[2], 17, true) then redis.call('APPEND', lease, ARGV[2]) end
      state = math.max(redis.call('PTTL', lease), 2)
    end
  end
  reply[#reply + 1] = state
  reply[#reply + 1] = age
  reply[#reply + 1] = entry or false
end
return reply`,
};

/** What the script takes for one key of {@link fillScript}. */
export const argumentsPerFill = 4 + linesPerKey;

/**
 * Writes entries unless something was invalidated since they were asked for, and ends this replica's leases on them. KEYS: the hash, the
 * entries, their leases. ARGV[3]: what the channels that wake up waiting replicas begin with. Then for each key the entry ("" ends the lease alone), when it was asked, for how
 * long after that it may be told, in ms, whether the lease stays (1), and its lines. Replies the life and the time.
 */
export const fillScript: StoreScript = {
  name: "fill",
  lua: `${prelude}
local count = (#KEYS - 1) / 2
local woken, refusal = {}, nil
for i = 1, count do
  local key, lease = KEYS[1 + i], KEYS[1 + count + i]
  local first = 4 + (i - 1) * ${argumentsPerFill}
  local entry, asked, kept = ARGV[first], tonumber(ARGV[first + 1]), tonumber(ARGV[first + 2])
  local stays, lines = ARGV[first + 3] == '1', { unpack(ARGV, first + 4, first + 3 + ${linesPerKey}) }
  local left = kept - (now - asked)
  if headOf(entry) == asked and left >= 1 and isBelieved(asked, lines) then
    local before = headOf(textOf(key))
    if not (before and before > asked and isBelieved(before, lines)) then
      local done = redis.pcall('SET', key, entry, 'PX', left)
      if type(done) == 'table' and done.err then refusal = done end
    end
  end
  local holder = textOf(lease)
  if holder and string.sub(holder, 1, 16) == ARGV[2] then
    if stays then redis.call('SET', lease, ARGV[2], 'PX', math.max(redis.call('PTTL', lease), 1)) else redis.call('DEL', lease) end
    for from = 17, #holder, 16 do
      local waiter = string.sub(holder, from, from + 15)
      woken[waiter] = (woken[waiter] and woken[waiter] .. ' ' or '') .. key
    end
  end
end
for waiter, keys in pairs(woken) do redis.call('PUBLISH', ARGV[3] .. waiter, keys) end
return refusal or { id, now }`,
};

/** Keeps leases that are this replica's. KEYS: the leases. ARGV: the replica, and how long a lease is, in ms. */
export const renewScript: StoreScript = {
  name: "renew",
  lua: `
for _, lease in ipairs(KEYS) do
  local holder = redis.pcall('GET', lease)
  if type(holder) == 'string' and string.sub(holder, 1, 16) == ARGV[1] then redis.call('PEXPIRE', lease, ARGV[2]) end
end
return 0`,
};

/**
 * Says that a replica is there, or leaves. ARGV[3]: for how long one that says nothing counts as there, in ms; 0 to leave. ARGV[4]: the life of
 * the store that told this replica last who is there; "" where none did. Then those: a store that began anew learns of one that is cut off from it.
 * Replies the life, the time, how many invalidations there were, and who is there.
 */
export const beatScript: StoreScript = {
  name: "beat",
  lua: `${prelude}
local members, kept = cjson.decode(redis.call('HGET', meta, 'members')), {}
if tonumber(ARGV[3]) > 0 then kept[ARGV[2]] = now end
for member, seen in pairs(members) do
  if member ~= ARGV[2] and (tonumber(ARGV[3]) == 0 or now - seen <= tonumber(ARGV[3])) then kept[member] = seen end
end
if tonumber(ARGV[3]) > 0 and ARGV[4] ~= id then
  for i = 5, #ARGV do kept[ARGV[i]] = kept[ARGV[i]] or now end
end
redis.call('HSET', meta, 'members', cjson.encode(kept))
local reply = { id, now, tonumber(redis.call('HGET', meta, 'seq')) }
for member in pairs(kept) do reply[#reply + 1] = member end
return reply`,
};

/** Past so many lines in time, all that was asked before now is believed no longer, and they begin anew. */
const mostLines = 20_000;

/**
 * Draws lines in time and tells the others. ARGV[3]: the channel. ARGV[4]: the message, told behind the life, the number of the invalidation and
 * the replica, and before the time, which older releases do not tell. Then the lines. Replies the life, the time, that number, when the life began, and who is there.
 */
export const invalidateScript: StoreScript = {
  name: "invalidate",
  lua: `${prelude}
for i = 5, #ARGV do redis.call('HSET', meta, ARGV[i], now) end
local seq = redis.call('HINCRBY', meta, 'seq', 1)
local kept = redis.call('HMGET', meta, 'born', 'members')
if redis.call('HLEN', meta) > ${mostLines} then
  redis.call('DEL', meta)
  redis.call('HSET', meta, 'id', id, 'at', now, 'born', kept[1], 'floor', now, 'seq', seq, 'members', kept[2])
end
redis.call('PUBLISH', ARGV[3], id .. ' ' .. seq .. ' ' .. ARGV[2] .. ' ' .. ARGV[4] .. ' ' .. string.format('%.0f', now))
local reply = { id, now, seq, tonumber(kept[1]) }
for member in pairs(cjson.decode(kept[2])) do reply[#reply + 1] = member end
return reply`,
};

/** No replica leads for longer at a time, in ms: what says so was not written by one. */
const longestLeadMs = 60_000;

/** Stands in the name of what {@link leadScript} keeps: to be raised with what its fields mean. */
export const leadVersion = "1";

/** For how long it is remembered how far all have followed the ERP's changes, once nobody does, in ms. */
const followedKeptMs = 86_400_000;

/**
 * Says who asks the ERP what changed, and up to where all were told. KEYS: the hash, and the one of who leads (`life`, `leader`, until when it
 * does (`ends`), and the cursor with the number of the invalidation that it was noted after (`seq`)). ARGV[3]: for how long this replica would
 * lead, in ms; 0 where it does not ask. ARGV[4]: the cursor that all have got to, sealed; "" where it tells none. Replies the life, the time, whether this replica
 * leads, that number, and the cursor.
 */
export const leadScript: StoreScript = {
  name: "lead",
  lua: `${prelude}
local key, lease = KEYS[2], tonumber(ARGV[3])
local kept = redis.pcall('HMGET', key, 'life', 'leader', 'ends', 'seq', 'cursor')
if kept.err then
  redis.call('DEL', key)
  kept = {}
end
local leader, ends, seq, cursor = kept[2], tonumber(kept[3] or ''), tonumber(kept[4] or ''), kept[5]
if kept[1] ~= id or not ends then leader, ends = '', 0 end
if kept[1] ~= id or not (seq and cursor) then seq, cursor = 0, '' end
if leader == ARGV[2] or not (now < ends and ends <= now + ${longestLeadMs}) then
  leader, ends = ARGV[2], now + lease
end
if leader == ARGV[2] and lease > 0 and ARGV[4] ~= '' then
  seq, cursor = tonumber(redis.call('HGET', meta, 'seq')), ARGV[4]
end
redis.call('HSET', key, 'life', id, 'leader', leader, 'ends', ends, 'seq', seq, 'cursor', cursor)
redis.call('PEXPIRE', key, ${followedKeptMs})
return { id, now, leader == ARGV[2] and lease > 0 and 1 or 0, seq, cursor }`,
};

/** What one replica learnt for the next. KEYS: its name. Replies it, or null. */
export const recallScript: StoreScript = {
  name: "recall",
  lua: `
local kept = redis.pcall('GET', KEYS[1])
return type(kept) == 'string' and kept or false`,
};

/** KEYS: its name. ARGV: what is kept there, and for how long, in ms. */
export const rememberScript: StoreScript = {
  name: "remember",
  lua: "return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) and 1 or 0",
};
