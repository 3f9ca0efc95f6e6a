--- Measures fetching all pages of a list, 16 at a time, over bare curl_multi with lua-cjson.
--- Usage: pages.lua PORT [ROUNDS]; the server is to answer after 20 ms.
local bare = require "bare"
local cjson = require "cjson"
local reseller = require "reseller"

local AT_ONCE, PAGES, TARGET = 16, 573, 1.15
local port, rounds = arg[1], tonumber(arg[2] or 9)
local origin = "http://127.0.0.1:" .. port

local ap = reseller.activeplatform { api_token = "bench-manager-token00", base_url = origin, reseller_id = 1 }
local headers = { "X-Api-Token: bench-manager-token00", "Content-Type: application/vnd.api+json",
  "Accept: application/vnd.api+json" }

local urls = {}
for i = 1, PAGES do
  urls[i] = ("%s/api/v3/resellers/1/child_reseller_subscriptions?page%%5Bsize%%5D=50&page%%5Bnumber%%5D=%d"):format(origin, i)
end

local cases = {
  bare = function()
    local count = 0
    bare.pages(urls, AT_ONCE, function(body) count = count + #cjson.decode(body).data end, headers)
    return count
  end,
  iterator = function()
    local count = 0
    for _ in ap:each_child_subscription { pages_ahead = AT_ONCE } do count = count + 1 end
    return count
  end,
  parallel = function()
    local functions, count = {}, 0
    for i = 1, PAGES do
      functions[i] = function()
        local list = assert(ap:list_child_subscriptions { page = { number = i } })
        count = count + #list
      end
    end
    reseller.parallel(AT_ONCE, functions)
    return count
  end,
}

local function time(fn)
  collectgarbage()
  local start = bare.now()
  local count = fn()
  assert(count == PAGES * 50, count)
  return bare.now() - start
end

local function median(list)
  table.sort(list)
  return list[math.ceil(#list / 2)]
end

local failed = false
for _, name in ipairs { "parallel", "iterator" } do
  local ratios, ours_s, bare_s = {}, {}, {}
  for i = 1, rounds do
    if i % 2 == 0 then ours_s[i] = time(cases[name]) end
    bare_s[i] = time(cases.bare)
    if i % 2 == 1 then ours_s[i] = time(cases[name]) end
    ratios[i] = ours_s[i] / bare_s[i]
  end
  local ratio = median(ratios)
  failed = failed or ratio > TARGET
  print(("%d pages of 50, %d at once, %-8s  %.2f of bare (%.2f s to %.2f s; target %.2f, %s)"):format(PAGES, AT_ONCE,
    name, ratio, median(ours_s), median(bare_s), TARGET, ratio <= TARGET and "met" or "missed"))
end
os.exit(not failed, true)
