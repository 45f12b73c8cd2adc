-- @include workers
-- ARGV: 1 layout, 2 first, 3 last, 4 owner, 5 holder, 6 lead in ms, 7 ms that a floor is at least ahead of now;
-- negative if it need not be. Last the name of the call.
local first, last, owner, holder = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local lead, ahead = tonumber(ARGV[6]), tonumber(ARGV[7])

local layout = redis.call('HGET', hash, 'layout')
if layout and string.sub(layout, 1, 2) ~= '1 ' then
  return 'V ' .. layout
end
if layout and string.sub(layout, 3) ~= ARGV[1] then
  return 'L ' .. string.sub(layout, 3)
end

local function granted(id, e)
  local mark = extend(id, e, lead)
  return 'G ' .. id .. ' ' .. e.epoch .. ' ' .. e.floor .. ' ' .. mark .. ' ' .. int(now)
end

local own = redis.call('HGET', hash, '@' .. owner)
if own and entry(own) then
  return granted(own, entry(own))
end

-- The lowest that was never taken. Whole bytes are searched, the beginning of the first bit by bit.
local function neverTaken()
  local id = first
  while id <= last and id % 8 ~= 0 do
    if redis.call('GETBIT', taken, id) == 0 then
      return id
    end
    id = id + 1
  end
  if id > last then
    return nil
  end
  -- Below it if there is no bitmap, or if that ends before.
  local found = math.max(id, redis.call('BITPOS', taken, 0, id / 8))
  return found <= last and found or nil
end

-- The free one with the lowest mark. Beyond now only those are free that were released.
local function lowest()
  local from = 0
  while true do
    local some = redis.call('ZRANGE', marks, from, from + 63, 'WITHSCORES')
    for i = 1, #some, 2 do
      local id = tonumber(some[i])
      if id >= first and id <= last then
        local e = entry(some[i])
        if isFree(e, tonumber(some[i + 1])) then
          return some[i], e
        end
      end
    end
    if #some < 128 then
      return nil
    end
    from = from + 64
  end
end

local id, e = neverTaken(), nil
local floor = 0
if id then
  id = int(id)
  e = { epoch = '1' }
else
  id, e = lowest()
  if not id then
    return 'F ' .. holders(first, last)
  end
  floor = tonumber(redis.call('ZSCORE', marks, id))
  e.epoch = int(tonumber(e.epoch) + 1)
  if e.owner ~= '-' then
    redis.call('HDEL', hash, '@' .. e.owner)
  end
end
if ahead >= 0 then
  floor = math.max(floor, now + ahead)
end
e.owner, e.holder, e.floor = owner, holder, int(floor)
redis.call('HSET', hash, 'layout', '1 ' .. ARGV[1], '@' .. owner, id)
redis.call('SETBIT', taken, id, 1)
return granted(id, e)
