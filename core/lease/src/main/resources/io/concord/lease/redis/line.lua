-- How a name is stored (format 1):
--   while one exclusive claim holds it and nobody waits, a string
--     '1 <owner> <token> <end in µs>'
--   otherwise a hash, the line
--     v            the format
--     f, n         sequence number of the first place in the line and of the next to give away
--     L            limits of the holders and how often each occurs, '<limit>=<count>;...'
--     q<number>    owner of a place; a hole if it has left
--     c<owner>     'w <limit> <number> <end of patience in µs>' or 'h <limit> <token>'
--   and a sorted set of holders by the end of their lease in µs, where '!<owner>' is one that
--   is barred until then. An offer is a lease that ends with the waiter's patience.
-- Both keys live as long as the last claim in them.
local STEPS = 64
local front, following, limits, holders = 1, 1, {}, 0
local isLine, changed, more, steps, horizon, offers = false, false, false, STEPS, 0, {}
local one

local stored = redis.pcall('GET', name)
if type(stored) == 'table' then
  local line = redis.call('HMGET', name, 'v', 'f', 'n', 'L')
  if line[1] ~= '1' then
    return 'V ' .. tostring(line[1])
  end
  isLine, front, following = true, tonumber(line[2]), tonumber(line[3])
  for key, count in string.gmatch(line[4], '(%d+)=(%d+)') do
    limits[key] = tonumber(count)
    holders = holders + tonumber(count)
  end
elseif stored then
  local version = string.match(stored, '^%S+')
  if version ~= '1' then
    return 'V ' .. tostring(version)
  end
  local holder, token, till = string.match(stored, '^1 (%S+) (%S+) (%S+)$')
  if tonumber(till) <= now then
    redis.call('DEL', name)
  else
    one = { owner = holder, token = token, till = tonumber(till) }
  end
end

local function openLine()
  if not isLine then
    isLine, changed = true, true
    redis.call('HSET', name, 'v', '1', 'f', '1', 'n', '1', 'L', '')
    redis.call('PEXPIRE', name, ttl + slack)
  end
end

local function hold(who, itsLimit, token, till)
  openLine()
  redis.call('HSET', name, 'c' .. who, 'h ' .. itsLimit .. ' ' .. token)
  redis.call('ZADD', KEYS[2], int(till), who)
  limits[itsLimit] = (limits[itsLimit] or 0) + 1
  holders = holders + 1
  horizon = math.max(horizon, till)
  changed = true
end

local function dropHolder(who, itsLimit)
  redis.call('ZREM', KEYS[2], who)
  redis.call('HDEL', name, 'c' .. who)
  limits[itsLimit] = limits[itsLimit] - 1
  if limits[itsLimit] == 0 then
    limits[itsLimit] = nil
  end
  holders = holders - 1
  changed = true
end

local function dropWaiter(who, number)
  redis.call('HDEL', name, 'c' .. who, 'q' .. number)
end

local function fits(itsLimit)
  local least = tonumber(itsLimit)
  for key in pairs(limits) do
    least = math.min(least, tonumber(key))
  end
  return holders < least
end

local function entry(who)
  local text = redis.call('HGET', name, 'c' .. who)
  if not text then
    return nil
  end
  local kind, itsLimit, value, till = string.match(text, '^(%a) (%d+) (%d+) ?(%d*)$')
  return { holds = kind == 'h', limit = itsLimit, value = value, till = tonumber(till) }
end

-- The one holder without a line becomes the first of one.
local function convert()
  if one then
    redis.call('DEL', name)
    hold(one.owner, '1', one.token, one.till)
    one = nil
  end
end

-- Lets go of leases that have ended, in bounded steps.
local function expire()
  local expired = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', int(now), 'LIMIT', 0, STEPS)
  for _, who in ipairs(expired) do
    local place = string.sub(who, 1, 1) ~= '!' and entry(who)
    if place and place.holds then
      dropHolder(who, place.limit)
    else
      redis.call('ZREM', KEYS[2], who)
    end
  end
  more = #expired == STEPS
end

-- Either key can be lost without the other, to an eviction or somebody's DEL. Holders that
-- nobody knows the end of hold no more.
local function dropUnknownHolders()
  if holders > 0 and redis.call('ZCARD', KEYS[2]) == 0 then
    limits, holders, changed = {}, 0, true
  end
end

-- Makes the offers that are due, in bounded steps.
local function advance()
  if front < following then
    dropUnknownHolders()
  end
  while front < following and not more do
    local who = redis.call('HGET', name, 'q' .. int(front))
    if who then
      local place = entry(who)
      if not place or place.holds or place.till <= now then
        redis.call('HDEL', name, 'q' .. int(front))
        if place and not place.holds then
          redis.call('HDEL', name, 'c' .. who)
        end
      elseif fits(place.limit) then
        redis.call('HDEL', name, 'q' .. place.value)
        local token = nextToken()
        redis.call('SET', KEYS[3], token)
        hold(who, place.limit, token, place.till)
        offers[#offers + 1] = who
      else
        break
      end
    end
    front = front + 1
    changed = true
    steps = steps - 1
    more = steps == 0 and front < following
  end
end

local function settle()
  expire()
  advance()
end

local function stand(number)
  local till = now + tonumber(ARGV[4]) * 1000
  redis.call('HSET', name, 'c' .. owner, 'w ' .. limit .. ' ' .. number .. ' ' .. int(till))
  horizon = math.max(horizon, till)
  local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
  local ahead = tonumber(number) - front
  return 'W ' .. int(ahead) .. ' ' .. int((tonumber(first[2]) or now) - now)
end

-- Also takes an offer, which nobody knows the token of yet.
local function extend(token)
  if tonumber(token) < least then
    token = nextToken()
    redis.call('SET', KEYS[3], token)
    redis.call('HSET', name, 'c' .. owner, 'h ' .. limit .. ' ' .. token)
  end
  local till = now + ttl * 1000
  redis.call('ZADD', KEYS[2], int(till), owner)
  horizon = math.max(horizon, till)
  return 'G ' .. token
end

-- Writes down what has changed, sees to it that the keys live long enough, and tells of the
-- offers, last and never fatal: a refused PUBLISH must not leave half a step behind.
local function finish(answer)
  if isLine then
    if holders == 0 and front == following and redis.call('ZCARD', KEYS[2]) == 0 then
      redis.call('DEL', name, KEYS[2])
    else
      if changed then
        local counts = {}
        for key, count in pairs(limits) do
          counts[#counts + 1] = key .. '=' .. count
        end
        redis.call('HSET', name, 'f', int(front), 'n', int(following), 'L', table.concat(counts, ';'))
      end
      local lives = redis.call('PTTL', name)
      local needed = math.ceil((horizon - now) / 1000) + 1 + slack
      if lives < needed then
        lives = needed
        redis.call('PEXPIRE', name, int(lives))
      end
      redis.call('PEXPIRE', KEYS[2], int(lives))
    end
  end
  for _, who in ipairs(offers) do
    if who ~= owner then
      redis.pcall('PUBLISH', ARGV[5] .. (string.match(who, '^(.*)%-') or who), who)
    end
  end
  if more then
    return answer .. ' M'
  end
  return answer
end
