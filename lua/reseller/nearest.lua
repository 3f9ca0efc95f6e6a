--- Finds the word that a mistyped one was meant to be.

--- Number of single-character edits between two words.
local function distance(a, b)
  local previous = {}
  for j = 0, #b do previous[j] = j end
  for i = 1, #a do
    local current = { [0] = i }
    for j = 1, #b do
      local substitution = previous[j - 1] + (a:byte(i) == b:byte(j) and 0 or 1)
      current[j] = math.min(substitution, previous[j] + 1, current[j - 1] + 1)
    end
    previous = current
  end
  return previous[#b]
end

--- The candidate nearest to the word, of equal ones one that begins alike; nil when none is near.
---@param word string
---@param candidates string[]
---@return string|nil
return function(word, candidates)
  local best, least = nil, math.max(2, math.floor(#word / 2)) + 1
  for _, candidate in ipairs(candidates) do
    local d = distance(word:lower(), candidate:lower())
    if word:lower():byte() == candidate:lower():byte() then d = d - 0.5 end
    if d < least then best, least = candidate, d end
  end
  return best
end
