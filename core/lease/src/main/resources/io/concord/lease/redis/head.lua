-- KEYS: 1 the name, 2 its holders by end of lease, 3 the last token of the bucket
-- ARGV: 1 owner, 2 TTL in ms, 3 limit, 4 patience in ms, 5 prefix of the channels of engines,
--       6 for how long to bar the owner in ms, 7 a token that is known to have been given out,
--       8 (tests only) the time in µs, last the name of the call, which is put before the answer
local name, owner, ttl, limit = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3]
local now, slack
if ARGV[9] then
  -- The keys have to outlive a clock that the server doesn't know.
  now, slack = tonumber(ARGV[8]), 360000000
else
  local time = redis.call('TIME')
  now, slack = time[1] * 1000000 + time[2], 0
end

-- Lua would write numbers past 10^14 with an exponent.
local function int(number)
  return string.format('%.0f', number)
end

-- What is known to have been given out is believed up to a day ahead.
local least = math.min(tonumber(ARGV[7]), now + 86400000000) + 1

-- The last token outlives every name, so that no later grant gets an older one. The clock
-- takes its place if it is lost, and what the claim knows if that has gone back.
local function nextToken()
  local last = redis.call('GET', KEYS[3])
  return int(math.max(last and tonumber(last) + 1 or 0, now, least))
end

local function single(token)
  return '1 ' .. owner .. ' ' .. token .. ' ' .. int(now + ttl * 1000)
end
