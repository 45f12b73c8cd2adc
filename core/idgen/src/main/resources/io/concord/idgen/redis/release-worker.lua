-- @include workers
-- ARGV: 1 worker id, 2 owner, 3 epoch, 4 the last time that was used, last the name of the call
local e = entry(ARGV[1])
if not e or e.owner ~= ARGV[2] or e.epoch ~= ARGV[3] then
  return 'X'
end
redis.call('HDEL', hash, '@' .. e.owner)
redis.call('HSET', hash, ARGV[1], '- ' .. e.epoch .. ' ' .. e.floor .. ' ')
local mark = math.min(tonumber(redis.call('ZSCORE', marks, ARGV[1]) or '0'), tonumber(ARGV[4]))
redis.call('ZADD', marks, int(mark), ARGV[1])
return 'R'
