-- KEYS: 1 the state. ARGV: the name of the call.
return tostring(redis.call('DEL', KEYS[1]))
