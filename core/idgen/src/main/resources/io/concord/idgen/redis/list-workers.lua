-- @include workers
-- ARGV: the name of the call. The time comes first, then the holders, a line for each.
return int(now) .. '\n' .. holders(0, math.huge)
