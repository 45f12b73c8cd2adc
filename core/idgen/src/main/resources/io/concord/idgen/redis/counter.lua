-- KEYS: 1 the counter, a string: the last number that was taken
-- ARGV: 1 how many, 2 the number below the least that is wanted, 3 the greatest after which there are so many,
-- last the name of the call. Numbers go up to 2^63, which Lua can't hold: they are compared as texts, and Redis adds.
local function isBelow(one, other)
  return #one < #other or (#one == #other and one < other)
end

local last = redis.call('GET', KEYS[1]) or '0'
if isBelow(ARGV[3], last) then
  return 'E ' .. last
end
if isBelow(last, ARGV[2]) then
  redis.call('SET', KEYS[1], ARGV[2])
end
redis.call('INCRBY', KEYS[1], ARGV[1])
return 'G ' .. redis.call('GET', KEYS[1])
