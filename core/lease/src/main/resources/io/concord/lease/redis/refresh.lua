-- @include head
-- @include line
if one then
  if one.owner ~= owner then
    return 'X'
  end
  -- Not denied when the memory is full, and after it nothing is: a holder can always renew.
  redis.call('PEXPIRE', name, ttl + slack)
  redis.call('SET', name, single(one.token), 'PX', ttl + slack)
  return 'G ' .. one.token
end
local known = isLine and entry(owner)
if not known then
  return 'X'
end
redis.call('PEXPIRE', name, math.max(redis.call('PTTL', name), (known.holds and ttl or tonumber(ARGV[4])) + slack))
settle()
if more then
  return finish('-')
end
local mine = entry(owner)
if not mine then
  return finish('X')
end
if mine.holds then
  return finish(extend(mine.value))
end
if mine.till <= now then
  dropWaiter(owner, mine.value)
  return finish('X')
end
return finish(stand(mine.value))
