-- @include head
if ARGV[6] == '0' then
  local stored = redis.pcall('GET', name)
  if not stored then
    return 'N -'
  end
  if type(stored) == 'string' then
    local holder, till = string.match(stored, '^1 (%S+) %S+ (%S+)$')
    if holder then
      if holder ~= owner then
        return 'N -'
      end
      redis.call('DEL', name)
      return (tonumber(till) > now) and 'H -' or 'N -'
    end
  end
end
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
