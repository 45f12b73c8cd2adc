-- @include head
if limit == '1' then
  local token = int(math.max(now, least))
  if redis.call('SET', name, single(token), 'NX', 'PX', ttl + slack) then
    local last = redis.call('SET', KEYS[3], token, 'GET')
    if last and tonumber(last) >= tonumber(token) then
      -- Two in a microsecond, or a clock that went back.
      token = int(tonumber(last) + 1)
      redis.call('SET', KEYS[3], token)
      redis.call('SET', name, single(token), 'PX', ttl + slack)
    end
    return 'G ' .. token
  end
end
-- @include line
if one and one.owner == owner then
  redis.call('PEXPIRE', name, ttl + slack)
  redis.call('SET', name, single(one.token), 'PX', ttl + slack)
  return 'G ' .. one.token
end
if one and ARGV[4] == '0' then
  return 'R'
end
convert()
settle()
if more then
  return finish('-')
end
if redis.call('ZSCORE', KEYS[2], '!' .. owner) then
  return finish('X')
end
local mine = isLine and entry(owner)
if mine and mine.holds then
  return finish(extend(mine.value))
end
if mine and mine.till > now then
  return finish(stand(mine.value))
end
if mine then
  dropWaiter(owner, mine.value)
end
if not fits(limit) then
  dropUnknownHolders()
end
if front == following and fits(limit) then
  local token = nextToken()
  redis.call('SET', KEYS[3], token)
  hold(owner, limit, token, now + ttl * 1000)
  return finish('G ' .. token)
end
if ARGV[4] == '0' then
  return finish('R')
end
openLine()
local number = int(following)
redis.call('HSET', name, 'q' .. number, owner)
following = following + 1
changed = true
return finish(stand(number))
