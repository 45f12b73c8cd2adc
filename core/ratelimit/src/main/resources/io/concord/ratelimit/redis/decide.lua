-- KEYS: 1 the state, a string: its numbers with a space between
-- ARGV: 1 kind, 2 permits, 3 whether a part will do, 4 greatest wait, 5 whether to take, 6 the time or 0,
-- 7 warm-up, then cost, drain and capacity of each rate; last the name of the call.
-- Decides as RateModel does, see there. All numbers stay below 2^53; '%.0f', for tostring would round them.
local now = tonumber(ARGV[6])
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local clock = now
local permits = tonumber(ARGV[2])
local max_wait = tonumber(ARGV[4])
local state = {}
local kept = redis.call('GET', KEYS[1])
if kept then
  for number in string.gmatch(kept, '%d+') do
    state[#state + 1] = tonumber(number)
  end
end
local last = state[1] or now
if now >= last - 10000000 and now < last then
  now = last
end

local max, min = math.max, math.min
local function quotient(a, b)
  return (a - a % b) / b
end
local function ceiling(a, b)
  return quotient(a + b - 1, b)
end

local next = { now }
local granted, wait, remaining, finish = permits, 0, nil, now
local rates = (#ARGV - 8) / 3

local function bucket(leaky, warm)
  local elapsed = max(0, now - last)
  local begin = 0
  local cold = false
  if warm > 0 then
    local length = warm / 1000
    local function warmed(micros)
      local millis = max(0, min(quotient(max(0, micros), 1000), length))
      return quotient(1000 * (length * millis + millis * millis), 3 * length) + max(0, micros - warm)
    end
    cold = not kept or elapsed >= warm or now < state[2]
    begin = cold and now or state[2]
    elapsed = cold and 0 or warmed(now - begin) - warmed(last - begin)
  end
  local debts = {}
  local available
  for i = 1, rates do
    local cost, drain, capacity = tonumber(ARGV[5 + 3 * i]), tonumber(ARGV[6 + 3 * i]), tonumber(ARGV[7 + 3 * i])
    local debt = state[2 + 2 * i] or 0
    if cold then
      debt = max(0, min(quotient(capacity, 3) * 2, capacity - cost))
    else
      local before = state[1 + 2 * i]
      if before and before ~= cost then
        debt = ceiling(debt, before) * cost
      end
      debt = max(0, debt - min(elapsed, quotient(4503599627370496, drain)) * drain)
    end
    local excess = leaky and debt or debt + permits * cost - capacity
    if excess > 0 then
      wait = max(wait, ceiling(excess, drain))
    end
    local left = quotient(max(0, capacity - debt), cost)
    available = min(available or left, left)
    debts[i] = debt
  end
  if wait > 0 and ARGV[3] == '1' and not leaky and available > 0 then
    granted = available
    wait = 0
  end
  if wait > max_wait then
    granted = 0
    wait = wait - max_wait
    return
  end
  next[2] = begin
  local empty = 0
  for i = 1, rates do
    local cost, drain, capacity = tonumber(ARGV[5 + 3 * i]), tonumber(ARGV[6 + 3 * i]), tonumber(ARGV[7 + 3 * i])
    local debt = debts[i] + granted * cost
    next[1 + 2 * i] = cost
    next[2 + 2 * i] = debt
    local left
    if leaky then
      local free = max_wait * drain - debt
      left = free < 0 and 0 or quotient(free, cost) + 1
    else
      left = quotient(max(0, capacity - debt), cost)
    end
    remaining = min(remaining or left, left)
    empty = max(empty, ceiling(debt, drain))
  end
  if wait > 0 then
    remaining = 0
  end
  finish = now + (warm > 0 and max(3 * empty, warm) or empty)
end

-- Whether fewer than were wanted are granted, and nothing is.
local function refuses(available)
  granted = min(permits, available)
  if granted < permits and (ARGV[3] ~= '1' or granted == 0) then
    granted = 0
    return true
  end
  remaining = available - granted
  wait = 0
  return false
end

local function fixed_window()
  local available
  next[2] = 0
  for i = 1, rates do
    local length, capacity = tonumber(ARGV[5 + 3 * i]), tonumber(ARGV[7 + 3 * i])
    local window = quotient(now, length)
    local used = state[2 + 2 * i] or 0
    if quotient(last, length) ~= window then
      used = 0
    end
    local left = max(0, capacity - used)
    local window_end = (window + 1) * length
    if left < permits then
      wait = max(wait, window_end - now)
    end
    available = min(available or left, left)
    next[1 + 2 * i] = length
    next[2 + 2 * i] = used
    finish = max(finish, window_end)
  end
  if refuses(available) then
    return
  end
  for i = 1, rates do
    next[2 + 2 * i] = next[2 + 2 * i] + granted
  end
end

local function sliding_window()
  local available
  for i = 1, rates do
    local length, capacity = tonumber(ARGV[5 + 3 * i]), tonumber(ARGV[7 + 3 * i])
    local part = quotient(now, length)
    local at = 2 + 12 * (i - 1)
    next[at] = length
    for j = at + 1, at + 11 do
      next[j] = 0
    end
    local used = 0
    if state[at] and state[at] ~= length then
      for j = at + 1, at + 11 do
        used = used + state[j]
      end
      next[at + 1 + part % 11] = used
    elseif state[at] then
      local last_part = quotient(last, length)
      for old = part - 10, min(part, last_part) do
        if old > last_part - 11 then
          local j = at + 1 + old % 11
          next[j] = state[j]
          used = used + state[j]
        end
      end
    end
    local left = max(0, capacity - used)
    if left < permits then
      local wanted = used + permits - capacity
      local free = (part + 11) * length
      local freed = 0
      for old = part - 10, part - 1 do
        freed = freed + next[at + 1 + old % 11]
        if freed >= wanted then
          free = (old + 11) * length
          break
        end
      end
      wait = max(wait, free - now)
    end
    available = min(available or left, left)
    finish = max(finish, (part + 11) * length)
  end
  if refuses(available) then
    return
  end
  for i = 1, rates do
    local at = 2 + 12 * (i - 1)
    local j = at + 1 + quotient(now, next[at]) % 11
    next[j] = next[j] + granted
  end
end

local kind = ARGV[1]
if kind == '3' then
  sliding_window()
elseif kind == '4' then
  fixed_window()
else
  bucket(kind == '2', tonumber(ARGV[7]))
end
if granted > 0 and ARGV[5] == '1' then
  for i = 1, #next do
    next[i] = string.format('%.0f', next[i])
  end
  -- A time to live of nothing would keep nothing.
  redis.call('SET', KEYS[1], table.concat(next, ' '), 'PX',
      string.format('%.0f', max(1, ceiling(finish - clock, 1000))))
end
return string.format('%.0f %.0f %.0f', granted, wait, granted > 0 and remaining or 0)
