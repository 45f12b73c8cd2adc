-- Around a script of the application. KEYS[1]: the fence, '<token of 19 digits> <owner>' of the newest
-- holder. ARGV: token, owner, mode, ms to keep the fence; the rest is the script's.
local concord = redis.call('GET', KEYS[1])
local mine = ARGV[1] .. ' ' .. ARGV[2]
if concord ~= mine then
  if concord and (ARGV[3] == 'verify' or string.sub(concord, 1, 19) >= ARGV[1]) then
    return redis.error_reply('CONCORDFENCED ' .. concord)
  elseif not concord and ARGV[3] == 'verify' then
    return redis.error_reply('CONCORDFENCED 0 -')
  end
end
if ARGV[3] == 'shared' then
  if concord then
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
  end
else
  redis.call('SET', KEYS[1], mine, 'PX', ARGV[4])
end
local keys, args = {}, {}
for i = 2, #KEYS do keys[i - 1] = KEYS[i] end
for i = 5, #ARGV do args[i - 4] = ARGV[i] end
return (function(KEYS, ARGV)
-- @script
end)(keys, args)
