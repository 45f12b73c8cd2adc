-- KEYS: 1 a hash, 2 marks, a sorted set of the worker ids that were ever taken, 3 the same as a bitmap
-- The hash has 'layout' -> '1 <layout>' (the format comes first), '<worker id>' -> '<owner> <epoch> <floor> <holder>',
-- where the owner is '-' if it was released, and '@<owner>' -> '<worker id>'. Nothing of it ever ends by itself.
local hash, marks, taken = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Lua would write numbers past 10^14 with an exponent.
local function int(number)
  return string.format('%.0f', number)
end

local function entry(id)
  local value = redis.call('HGET', hash, id)
  if not value then
    return nil
  end
  local owner, epoch, floor, holder = string.match(value, '^(%S+) (%S+) (%S+) (%S*)$')
  return { owner = owner, epoch = epoch, floor = floor, holder = holder }
end

-- Writes in any case, if the mark stays where it is, too: replicas confirm writes.
local function extend(id, e, lead)
  local mark = math.max(tonumber(redis.call('ZSCORE', marks, id) or '0'), now + lead)
  redis.call('HSET', hash, id, e.owner .. ' ' .. e.epoch .. ' ' .. e.floor .. ' ' .. e.holder)
  redis.call('ZADD', marks, int(mark), id)
  return int(mark)
end

local function isFree(e, mark)
  return e.owner == '-' or mark < now
end

local function holders(first, last)
  local found = {}
  local held = redis.call('ZRANGEBYSCORE', marks, int(now), '+inf', 'WITHSCORES')
  for i = 1, #held, 2 do
    local id = tonumber(held[i])
    local e = id >= first and id <= last and entry(held[i])
    if e and e.owner ~= '-' then
      found[#found + 1] = held[i] .. ' ' .. int(tonumber(held[i + 1])) .. ' ' .. e.holder
    end
  end
  return table.concat(found, '\n')
end
