-- @include workers
-- ARGV: 1 worker id, 2 owner, 3 epoch, 4 lead in ms, last the name of the call
local e = entry(ARGV[1])
if not e or e.owner ~= ARGV[2] or e.epoch ~= ARGV[3] then
  return (e and e.owner ~= '-') and 'X ' .. e.holder or 'X'
end
-- Does nothing, but is let through when the memory is full, and after it all that follows.
redis.call('PERSIST', hash)
return 'G ' .. extend(ARGV[1], e, tonumber(ARGV[4])) .. ' ' .. int(now)
