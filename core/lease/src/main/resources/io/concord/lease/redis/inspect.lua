-- @include head
-- Reads only. Waiters that have died or left count until they are cleared away. The answer is
--   S <waiters> {<owner> <limit> <token> <µs left>} L {<owner in line>}
local answer = 'S '
local stored = redis.pcall('GET', name)
if not stored then
  return answer .. '0 L'
end
if type(stored) == 'string' then
  local version, holder, token, till = string.match(stored, '^(%S+) (%S+) (%S+) (%S+)$')
  if version ~= '1' then
    return 'V ' .. tostring(version)
  end
  if tonumber(till) <= now then
    return answer .. '0 L'
  end
  return answer .. '0 ' .. holder .. ' 1 ' .. token .. ' ' .. int(till - now) .. ' L'
end
local line = redis.call('HMGET', name, 'v', 'f', 'n')
if line[1] ~= '1' then
  return 'V ' .. tostring(line[1])
end
answer = answer .. int(line[3] - line[2])
local holders = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
local STEPS, listed = 1000, 0
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
answer = answer .. ' L'
listed = 0
for number = tonumber(line[2]), math.min(tonumber(line[3]) - 1, tonumber(line[2]) + STEPS) do
  local who = listed < tonumber(limit) and redis.call('HGET', name, 'q' .. int(number))
  local till = who and string.match(redis.call('HGET', name, 'c' .. who) or '', '^w %d+ %d+ (%d+)$')
  if till and tonumber(till) > now then
    listed = listed + 1
    answer = answer .. ' ' .. who
  end
end
return answer
