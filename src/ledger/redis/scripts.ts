/**
 * A document is a hash: `=` is its value, `#` its revision, the other fields are its counters. A set is a sorted set.
 * All keys begin with the prefix and a sign that no queue's name begins with.
 */
export const KEYS = { document: '=', set: '~', tombs: '!tombs', written: '!written' } as const

/** How long the revision of a removed document is remembered: far longer than any look lives. */
export const TOMB_MS = 3_600_000

/** Lua's stack bounds the arguments of one command. An even number: score and member. */
const PIECE = 2000

/**
 * Applies a group of units, one after the other. What was sent is read as it stands in one flat table, each list after
 * its length: tables within tables cost more than all that is done with them. A script has no way back, so its
 * first command is a write: where Redis is full, a replica or cannot save, that one fails and nothing was done. `add`
 * are the functions that put a job on its queue, by name. The entries of all units are written at the end, one
 * command for each set.
 */
export const commitScript = (add: string): string => `
local rcall, sent, at = redis.call, cmsgpack.unpack(ARGV[1]), 1
local function take () at = at + 1 return sent[at - 1] end
local function takeAll () local all = {} for i = 1, take() do all[i] = take() end return all end
local prefix = take()
local function document (name) return prefix .. '${KEYS.document}' .. name end
local time = rcall('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
rcall('SET', prefix .. '${KEYS.written}', now)
local add = {}
${add}
local tables = {}
for i = 1, take() do tables[i] = takeAll() end
local sets = {}
local function enter (real)
  for _ = 1, take() do
    local set, member, score = take(), take(), take()
    if real then
      sets[set] = sets[set] or {}
      sets[set][member] = score
    end
  end
end
local function write (command, key, all)
  for i = 1, #all, ${PIECE} do rcall(command, key, unpack(all, i, math.min(i + ${PIECE} - 1, #all))) end
end
local function writeSets ()
  for set, members in pairs(sets) do
    local added, removed = {}, {}
    for member, score in pairs(members) do
      if score == '' then
        removed[#removed + 1] = member
      else
        added[#added + 1] = score
        added[#added + 1] = member
      end
    end
    write('ZADD', prefix .. '${KEYS.set}' .. set, added)
    write('ZREM', prefix .. '${KEYS.set}' .. set, removed)
  end
end
local function enqueue (real)
  for _ = 1, take() do
    local script, keys, a, b, c = take(), take(), take(), take(), take()
    if real then add[script](tables[keys], { a, b, c }) end
  end
end
local function judge ()
  local conflict = false
  for _ = 1, take() do
    local doc, field, expected = take(), take(), take()
    if not conflict and (rcall('HGET', document(doc), field) or '0') ~= expected then conflict = doc end
  end
  return conflict
end
local function remove (doc)
  local key = document(doc)
  if rcall('EXISTS', key) == 0 then return end
  local rev = rcall('HGET', key, '#') or '0'
  rcall('DEL', key)
  rcall('HSET', key, '#', rev + 1)
  rcall('ZADD', prefix .. '${KEYS.tombs}', now, doc)
end
local results = {}
for u = 1, take() do
  local conflict = judge()
  local real = not conflict
  for _ = 1, take() do
    local doc, fields = take(), takeAll()
    if real then rcall('HSET', document(doc), unpack(fields)) end
  end
  for _ = 1, take() do
    local doc = take()
    if real then remove(doc) end
  end
  local counts = {}
  for i = 1, take() do
    local doc, field, by, atZero = take(), take(), take(), take()
    if real then counts[i] = rcall('HINCRBY', document(doc), field, by) end
    if atZero == 1 then
      local zero = real and counts[i] == 0
      enter(zero)
      enqueue(zero)
    end
  end
  enter(real)
  enqueue(real)
  results[u] = conflict or counts
end
writeSets()
return results`

/** Documents as they stand, in the order of their names. */
export const READ_SCRIPT = `
local found = {}
for i = 2, #ARGV do found[i - 1] = redis.call('HGETALL', ARGV[1] .. ARGV[i]) end
return found`

/**
 * A page of a sorted set. `after` may be gone, and many members may have one score: its place is found by halves.
 * Strings are compared by bytes: Lua's own comparison goes by the locale of the server.
 */
export const LIST_SCRIPT = `
local key, min, max, reverse, limit, score, member = KEYS[1], ARGV[1], ARGV[2], ARGV[3] == '1', tonumber(ARGV[4]), ARGV[5], ARGV[6]
local function isBefore (a, b)
  local n = math.min(#a, #b)
  for i = 1, n do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
local first = redis.call('ZCOUNT', key, '-inf', '(' .. min)
local last = redis.call('ZCOUNT', key, '-inf', max) - 1
if member then
  local low = redis.call('ZCOUNT', key, '-inf', '(' .. score)
  local high = redis.call('ZCOUNT', key, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local found = redis.call('ZRANGE', key, middle, middle)[1]
    local isPast = isBefore(member, found) or (reverse and found == member)
    if isPast then high = middle else low = middle + 1 end
  end
  if reverse then last = math.min(last, low - 1) else first = math.max(first, low) end
end
if last < first then return {} end
if not reverse then return redis.call('ZRANGE', key, first, math.min(last, first + limit - 1), 'WITHSCORES') end
local page = redis.call('ZRANGE', key, math.max(first, last - limit + 1), last, 'WITHSCORES')
local turned = {}
for i = #page - 1, 1, -2 do
  turned[#turned + 1] = page[i]
  turned[#turned + 1] = page[i + 1]
end
return turned`

/** Forgets what was removed before a time, unless it was put or counted since. */
export const FORGET_SCRIPT = `
local prefix, before = ARGV[1], ARGV[2]
local docs = redis.call('ZRANGE', prefix .. '${KEYS.tombs}', '-inf', before, 'BYSCORE', 'LIMIT', 0, 1000)
for _, doc in ipairs(docs) do
  local key = prefix .. '${KEYS.document}' .. doc
  if redis.call('HLEN', key) == 1 and redis.call('HEXISTS', key, '#') == 1 then redis.call('DEL', key) end
  redis.call('ZREM', prefix .. '${KEYS.tombs}', doc)
end
return #docs`
