-- The short way, if nobody waits and nobody is to be barred. What is there still holds, for the key ends
-- with the lease; under a clock that the server doesn't know it may not.
if ARGV[6] == '0' and not ARGV[9] then
  local stored = redis.pcall('GET', KEYS[1])
  if not stored then
    return 'N -'
  end
  local holder = type(stored) == 'string' and string.match(stored, '^1 (%S+) ')
  if holder then
    if holder ~= ARGV[1] then
      return 'N -'
    end
    redis.call('DEL', KEYS[1])
    return 'H -'
  end
end
-- @include head
-- @include line
local held = false
if one and one.owner == owner then
  held = true
  redis.call('DEL', name)
  one = nil
end
convert()
settle()
if more then
  return finish('N -')
end
local mine = isLine and entry(owner)
if mine and mine.holds then
  held = true
  dropHolder(owner, mine.limit)
elseif mine then
  dropWaiter(owner, mine.value)
end
if ARGV[6] ~= '0' then
  openLine()
  local till = now + tonumber(ARGV[6]) * 1000
  redis.call('ZADD', KEYS[2], int(till), '!' .. owner)
  horizon = math.max(horizon, till)
end
advance()
local successor = '-'
for i = #offers, 1, -1 do
  if offers[i] ~= owner then
    successor = offers[i]
  end
end
return finish((held and 'H ' or 'N ') .. successor)
