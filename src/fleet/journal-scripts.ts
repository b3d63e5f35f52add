import type { StoreScript } from "./store.js";

// The journal of changes that replicas share. KEYS[1]: a hash with an entry an SKU, and with what the whole is under names that begin
// with "#": its life (`#id`), the server that it began on (`#run`), the newest sequence (`#seq`), the newest that was forgotten
// (`#horizon`), whether any was (`#forgot`), up to which sequence all count as changed and are not named so yet (`#all`), and when it
// was last asked (`#at`). KEYS[2]: the SKUs by the sequence of their latest change, 0 for none, and one "#" that shows that it was not lost alone.
//
// ARGV[1]: the id that a new life would have. ARGV[2], ARGV[3]: the life and the sequence that were heard of last. ARGV[4]: "1" where a new
// life must begin.

/** Nobody asked for so long, in ms: what the ERP changed meanwhile may be known to nobody (as `followedKeptMs` of the lead). */
const longestGapMs = 12 * 3_600_000;

/**
 * All of it is kept for so long after it was asked last, in ms: past the 30 days that prices are told of, nothing in it is of use. Replicas that
 * ask the ERP otherwise than before, as with another price list, begin another one, and leave this.
 */
const keptMs = 31 * 86_400_000;

/** A replica's latest batch is known for so long, in ms: none comes later. */
const batchKnownMs = 86_400_000;

/** How many are named as changed in one script, where all are: it holds up all else in the store, some 3 ms. */
const namedAtOnce = 500;

/** Reads what a hash is under names with "#", and begins it and its order anew where either was lost or is none of ours. */
const reading = `
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
local H, Z = KEYS[1], KEYS[2]
local function read(...)
  local kept = redis.pcall('HMGET', H, ...)
  if not kept.err then return kept end
  redis.call('DEL', H)
  return {}
end
local mark = redis.pcall('ZSCORE', Z, '#')
if type(mark) == 'table' then
  redis.call('DEL', Z)
  mark = false
end
local function begin()
  redis.call('DEL', H, Z)
  redis.call('ZADD', Z, -1, '#')
end
local function write(...)
  redis.call('HSET', H, ...)
  redis.call('PEXPIRE', H, ${keptMs})
  redis.call('PEXPIRE', Z, ${keptMs})
end`;

// A server that was restarted, or took over from another one, may know less than was told by it: only its own word since it began is
// whole. What stands in it stays as good as any first sight.
const prelude = `${reading}
if server == '' then return redis.error_reply('ERR the journal of changes needs the run_id that INFO tells') end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = read('#id', '#run', '#seq', '#horizon', '#all', '#forgot', '#at')
local id, seq, horizon = kept[1], tonumber(kept[3] or ''), tonumber(kept[4] or '')
local all, forgot, at = tonumber(kept[5] or ''), kept[6] == '1', tonumber(kept[7] or '')
if not (id and seq and horizon and at and mark) then
  begin()
  id, seq, horizon, all, forgot = ARGV[1], 0, 0, nil, false
elseif kept[2] ~= server or now - at > ${longestGapMs} or (ARGV[2] == id and seq < tonumber(ARGV[3])) or ARGV[4] == '1' then
  id, horizon, all = ARGV[1], seq, nil
end
local function blank(sealed) return { '', '', '0', '', '', '', '0', '', sealed } end
local function parse(entry)
  local parts = {}
  for part in string.gmatch(entry, '([^|]*)|') do parts[#parts + 1] = part end
  return #parts == 9 and parts or nil
end
local function writeEntry(name, parts) redis.call('HSET', H, name, table.concat(parts, '|') .. '|') end
local function change(name)
  seq = seq + 1
  redis.call('ZADD', Z, seq, name)
end
local function nameSome()
  if not all then return end
  local names = redis.call('ZRANGEBYSCORE', Z, 0, '(' .. string.format('%d', all), 'LIMIT', 0, ${namedAtOnce})
  for _, name in ipairs(names) do
    local parts = parse(redis.call('HGET', H, name) or '')
    if parts then
      writeEntry(name, blank(parts[9]))
      change(name)
    else
      redis.call('ZREM', Z, name)
    end
  end
  if #names < ${namedAtOnce} then all = nil end
end
local function finish()
  write('#id', id, '#run', server, '#seq', seq, '#horizon', horizon, '#forgot', forgot and '1' or '0', '#all', all or '', '#at', now)
  return { id, now, seq, horizon, redis.call('ZCARD', Z) - 1, all and 1 or 0 }
end`;

/** What the script takes for one SKU of {@link noteScript}. */
export const argumentsPerNote = 7;

/**
 * Notes what one replica saw. KEYS[3], KEYS[4]: the hash of texts and their order, as in {@link swapScript}: what is forgotten here is forgotten
 * there. KEYS[5]: the number of this replica's latest batch. ARGV[5]: the replica. ARGV[6]: the number of this batch; one that comes late is not
 * heeded. ARGV[7]: most SKUs. ARGV[8]: "1" where all count as changed. Then for each SKU its name, its sealed SKU, "1" where it counts
 * as changed, and for its price and its stock the digest ("" for none) and when the ERP was asked, by the store's time.
 *
 * An entry has for each of the two a digest, who wrote it, up to when it was noted, and "1" where replicas contradict each other. What was
 * asked for after all that is known was noted is newer than it, and so is what the same replica says next. Else nobody can tell which is: it
 * counts as changed each time that it is noted, until somebody asks the ERP again.
 */
export const noteScript: StoreScript = {
  name: "noteChanges",
  lua: `${prelude}
local latest = redis.pcall('HGET', KEYS[5], 'n') or ''
if type(latest) == 'table' then
  redis.call('DEL', KEYS[5])
  latest = ''
end
if tonumber(ARGV[6]) <= (tonumber(latest) or 0) then return { id, now, -1, 0, 0, 0 } end
redis.call('HSET', KEYS[5], 'n', ARGV[6])
redis.call('PEXPIRE', KEYS[5], ${batchKnownMs})
if ARGV[8] == '1' then
  seq = seq + 1
  all = seq
  if forgot then horizon = seq end
end
for first = 9, #ARGV, ${argumentsPerNote} do
  local name = ARGV[first]
  local score = tonumber(redis.call('ZSCORE', Z, name) or '')
  local parts = score and parse(redis.call('HGET', H, name) or '')
  local isChanged, isWritten = false, false
  if not parts then
    parts, isChanged, isWritten = blank(ARGV[first + 1]), forgot, true
    redis.call('ZADD', Z, 0, name)
  elseif all and score < all then
    parts, isChanged = blank(ARGV[first + 1]), true
  end
  if ARGV[first + 2] == '1' then parts, isChanged = blank(ARGV[first + 1]), true end
  for kind = 0, 1 do
    local digest, asked = ARGV[first + 3 + 2 * kind], tonumber(ARGV[first + 4 + 2 * kind])
    local p = 4 * kind
    local isContradicted = parts[p + 4] == '1'
    if digest ~= '' and (digest ~= parts[p + 1] or isContradicted) then
      local isFirst = parts[p + 1] == '' and not isContradicted
      local isNewer = asked > tonumber(parts[p + 3]) or (parts[p + 2] == ARGV[5] and not isContradicted)
      if isFirst or isNewer then
        parts[p + 1], parts[p + 2], parts[p + 4] = digest, ARGV[5], ''
      else
        parts[p + 2], parts[p + 4] = '', '1'
      end
      parts[p + 3] = string.format('%d', now)
      isChanged, isWritten = isChanged or not isFirst, true
    end
  end
  if isChanged or isWritten then writeEntry(name, parts) end
  if isChanged then change(name) end
end
nameSome()
for _ = 1, ${namedAtOnce} do
  if redis.call('ZCARD', Z) - 1 <= tonumber(ARGV[7]) then break end
  local name = redis.call('ZRANGE', Z, 1, 1)[1]
  horizon, forgot = math.max(horizon, tonumber(redis.call('ZSCORE', Z, name))), true
  redis.call('ZREM', Z, name)
  redis.call('HDEL', H, name)
  redis.pcall('HDEL', KEYS[3], name)
  redis.pcall('ZREM', KEYS[4], name)
end
return finish()`,
};

/** How it stands; writes, too, so that a store that takes no writes, and what others could not write down, is noticed. */
export const stateScript: StoreScript = { name: "journalState", lua: `${prelude}\nnameSome()\nreturn finish()` };

/** ARGV[5], ARGV[6]: sequences, after and up to which. ARGV[7]: how many at most. Replies with the sequence, the name and the sealed SKU of each. */
export const changesScript: StoreScript = {
  name: "readChanges",
  lua: `${prelude}
local reply = finish()
for _, name in ipairs(redis.call('ZRANGEBYSCORE', Z, '(' .. ARGV[5], ARGV[6], 'LIMIT', 0, ARGV[7])) do
  local parts = parse(redis.call('HGET', H, name) or '')
  reply[#reply + 1] = tonumber(redis.call('ZSCORE', Z, name))
  reply[#reply + 1] = name
  reply[#reply + 1] = parts and parts[9] or ''
end
return reply`,
};

// Texts of SKUs: KEYS[1]: a hash with one an SKU, its life (`#id`), the server it began on (`#run`) and how many were written (`#seq`).
// KEYS[2]: the SKUs by when they were written. In a new life every replica writes once more what it has.
const textPrelude = `${reading}
local kept = read('#id', '#run', '#seq')
local id, seq = kept[1], tonumber(kept[3] or '')
if not (id and seq and mark) then
  begin()
  id, seq = ARGV[1], 0
elseif kept[2] ~= server then
  id = ARGV[1]
end`;

/** ARGV[2]: the life that the place is of. ARGV[3]: the place. ARGV[4]: how many at most. Replies the life, the place behind these, and for each its name and text. */
export const recallTextsScript: StoreScript = {
  name: "recallTexts",
  lua: `${textPrelude}
write('#id', id, '#run', server, '#seq', seq)
local place = ARGV[2] == id and ARGV[3] or '0'
local names = redis.call('ZRANGEBYSCORE', Z, '(' .. place, '+inf', 'LIMIT', 0, ARGV[4])
local reply = { id, tonumber(place) }
for _, name in ipairs(names) do
  reply[2] = tonumber(redis.call('ZSCORE', Z, name))
  reply[#reply + 1] = name
  reply[#reply + 1] = redis.call('HGET', H, name) or ''
end
return reply`,
};

/** Then for each its name, the SHA-1 of what is expected there ("" for nothing), and the text. Replies "" for each that was written, else what stands there. */
export const swapScript: StoreScript = {
  name: "swapTexts",
  lua: `${textPrelude}
local reply = {}
for first = 2, #ARGV, 3 do
  local name, there = ARGV[first], redis.call('HGET', H, ARGV[first])
  if not there or redis.sha1hex(there) == ARGV[first + 1] then
    seq = seq + 1
    redis.call('HSET', H, name, ARGV[first + 2])
    redis.call('ZADD', Z, seq, name)
    reply[#reply + 1] = ''
  else
    reply[#reply + 1] = there
  end
end
write('#id', id, '#run', server, '#seq', seq)
return reply`,
};
