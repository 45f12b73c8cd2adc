-- KEYS: 1 the name, 2 its holders by end of lease, 3 the last token of the bucket
-- ARGV: 1 owner, 2 TTL in ms, 3 limit, 4 patience in ms, 5 prefix of the channels of engines,
--       6 for how long to bar the owner in ms, 7 (tests only) the time in µs,
--       last the name of the call, which is put before the answer
local name, owner, ttl, limit = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3]
local now, slack
if ARGV[8] then
  -- The keys have to outlive a clock that the server doesn't know.
  now, slack = tonumber(ARGV[7]), 360000000
else
  local time = redis.call('TIME')
  now, slack = time[1] * 1000000 + time[2], 0
end

-- Lua would write numbers past 10^14 with an exponent.
local function int(number)
  return string.format('%.0f', number)
end

-- The last token outlives every name, so that no later grant gets an older one. The clock
-- takes its place if it is lost.
local function nextToken()
  local last = redis.call('GET', KEYS[3])
  if last and tonumber(last) >= now then
    return int(tonumber(last) + 1)
  end
  return int(now)
end

local function single(token)
  return '1 ' .. owner .. ' ' .. token .. ' ' .. int(now + ttl * 1000)
end
