-- Tries every command that the other scripts need, on two keys of its own, and names those that
-- fail: a step that is refused half-way would leave half of it behind, as scripts don't roll back.
-- ARGV: 1 a channel that nobody listens to, last the name of the call. Behind a bar: what leases can do without.
local refused = {}

local function try(command, ...)
  local reply = redis.pcall(command, ...)
  if type(reply) == 'table' and reply.err and not string.find(reply.err, 'OOM', 1, true) then
    refused[#refused + 1] = command
  end
end

try('TIME')
try('SET', KEYS[1], '1', 'PX', 1000)
try('GET', KEYS[1])
try('PTTL', KEYS[1])
try('PEXPIRE', KEYS[1], 1000)
try('DEL', KEYS[1])
try('HSET', KEYS[1], 'a', '1')
try('PEXPIRE', KEYS[1], 1000)
try('HGET', KEYS[1], 'a')
try('HMGET', KEYS[1], 'a')
try('HDEL', KEYS[1], 'a')
try('ZADD', KEYS[2], 1, 'a')
try('PEXPIRE', KEYS[2], 1000)
try('ZSCORE', KEYS[2], 'a')
try('ZCARD', KEYS[2])
try('ZRANGE', KEYS[2], 0, 0)
try('ZRANGEBYSCORE', KEYS[2], 0, 1)
try('ZREM', KEYS[2], 'a')
try('DEL', KEYS[1], KEYS[2])
local needed = table.concat(refused, ' ')
refused = {}
try('PUBLISH', ARGV[1], '')
return needed .. '|' .. table.concat(refused, ' ')
