-- @include head
-- Reads only. Waiters that have died or left count until they are cleared away.
local answer = 'S '
local stored = redis.pcall('GET', name)
if not stored then
  return answer .. '0'
end
if type(stored) == 'string' then
  local version, holder, token, till = string.match(stored, '^(%S+) (%S+) (%S+) (%S+)$')
  if version ~= '1' then
    return 'V ' .. tostring(version)
  end
  if tonumber(till) <= now then
    return answer .. '0'
  end
  return answer .. '0 ' .. holder .. ' 1 ' .. token .. ' ' .. int(till - now)
end
local line = redis.call('HMGET', name, 'v', 'f', 'n')
if line[1] ~= '1' then
  return 'V ' .. tostring(line[1])
end
answer = answer .. int(line[3] - line[2])
local holders = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
local listed = 0
for i = 1, #holders, 2 do
  local itsLimit, token
  if tonumber(holders[i + 1]) > now and listed < tonumber(limit) then
    local entry = redis.call('HGET', name, 'c' .. holders[i])
    itsLimit, token = string.match(entry or '', '^h (%d+) (%d+)')
  end
  if token then
    listed = listed + 1
    answer = answer .. ' ' .. holders[i] .. ' ' .. itsLimit .. ' ' .. token .. ' ' .. int(holders[i + 1] - now)
  end
end
return answer
