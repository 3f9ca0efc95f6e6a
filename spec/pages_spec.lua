local pages = require "reseller.pages"
local plain = require "reseller.host.plain"
local reseller = require "reseller"
local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"

local rows = {}
for _, row in ipairs(reseller.endpoints()) do rows[row.platform .. "." .. row.id] = row end
local counted, linked = rows["ghostealth.list_subscriptions"], rows["activeplatform.list_child_subscriptions"]

--- Items a..b by id.
local function items(first, last)
  local list = {}
  for i = first, last do list[#list + 1] = { id = "i" .. i } end
  return list
end

--- Iterates over scripted pages; returns the ids, the numbers asked for, and the error.
local function walk(row, params, page)
  local ids, asked, name = {}, {}, row.paging == "counted" and "page" or "page[number]"
  local function call(one)
    local number = one[name]
    asked[#asked + 1] = number
    assert(#asked < 500, "endless")
    local list, place = page(number, one)
    if not list then return nil, place end
    return list, { page = place or { single = false, links = false } }
  end
  local ok, err = pcall(function()
    for item in pages.each(row, plain, call, params) do ids[#ids + 1] = item.id end
  end)
  return ids, asked, not ok and err or nil
end

--- A server with this many items, that takes no page size over its cap.
local function server(total, cap)
  return function(number, one)
    local size = math.min(one.size or 20, cap or 1000)
    return items(number * size + 1, math.min(total, (number + 1) * size))
  end
end

describe("an iterator over counted pages", function()
  for _, case in ipairs { -- items, size asked, cap of the server, pages that are fetched
    { 0, 20, nil, 1 }, { 1, 20, nil, 2 }, { 19, 20, nil, 2 }, { 20, 20, nil, 2 }, { 21, 20, nil, 2 }, { 45, 20, nil, 3 }, { 60, 20, nil, 4 },
    { 45, 50, 20, 3 }, { 45, 100, 7, 7 }, { 5, 50, 20, 2 }, { 40, 50, 20, 3 }, { 3, 1, nil, 4 }, { 1000, 100, 10, 101 },
  } do
    it(("gets %d items at %d a page%s, each once"):format(case[1], case[2], case[3] and ", of which the server gives " .. case[3] or ""), function()
      local ids, asked, err = walk(counted, { size = case[2] }, server(case[1], case[3]))
      assert.is_nil(err)
      assert.equal(case[1], #ids)
      for i, id in ipairs(ids) do assert.equal("i" .. i, id) end
      assert.equal(case[4], #asked)
    end)
  end

  it("starts where it is told to", function()
    local ids = walk(counted, { page = 1, size = 20 }, server(45))
    assert.same({ "i21", 25 }, { ids[1], #ids })
  end)

  it("passes the other parameters on with every page", function()
    walk(counted, { direction = "ASC", size = 20 }, function(number, one)
      assert.equal("ASC", one.direction)
      return server(45)(number, one)
    end)
  end)

  it("ends after data that came as one object", function()
    local ids, asked = walk(counted, nil, function() return items(1, 1), { single = true, links = false } end)
    assert.same({ 1, 1 }, { #ids, #asked })
  end)

  it("ends when a short first page comes again", function()
    local ids, asked, err = walk(counted, { size = 20 }, function() return items(1, 5) end)
    assert.same({ 5, 2 }, { #ids, #asked })
    assert.is_nil(err)
  end)

  it("ends when the last page comes again beyond the end", function()
    local ids, _, err = walk(counted, { size = 20 }, function(number) return items(math.min(number, 2) * 20 + 1, math.min(number, 2) * 20 + 20) end)
    assert.equal(60, #ids)
    assert.is_nil(err)
  end)

  for name, page in pairs {
    ["never turns the page"] = function() return items(1, 20) end,
    ["starts over"] = function(number) return items(number % 3 * 20 + 1, number % 3 * 20 + 20) end,
    ["alternates"] = function(number) return items(number % 2 * 20 + 1, number % 2 * 20 + 20) end,
  } do
    it("names a paging loop when the server " .. name, function()
      local ids, asked, err = walk(counted, { size = 20 }, page)
      assert.equal("decode", err.kind)
      assert.truthy(err.message:find "^paging loop")
      assert.equal("list_subscriptions", err.endpoint)
      assert.is_true(#ids <= 60 and #asked <= 6)
    end)
  end

  it("gives no item twice when others appear in front while it walks", function()
    local shift = 0
    local ids, _, err = walk(counted, { size = 20 }, function(number)
      shift = shift + 3
      return items(math.max(1, number * 20 + 1 - shift), math.min(100, (number + 1) * 20 - shift))
    end)
    local seen = {}
    for _, id in ipairs(ids) do
      assert.is_nil(seen[id])
      seen[id] = true
    end
    assert.is_nil(err)
    assert.is_true(#ids > 80)
  end)

  it("ends when items vanish while it walks", function()
    local total = 100
    local ids, _, err = walk(counted, { size = 20 }, function(number)
      total = total - 15
      return items(number * 20 + 1, math.min(total, (number + 1) * 20))
    end)
    assert.is_nil(err)
    assert.is_true(#ids > 20)
  end)

  it("raises the error of a page", function()
    local _, _, err = walk(counted, { size = 20 }, function(number)
      if number == 1 then return nil, "the error" end
      return items(1, 20)
    end)
    assert.equal("the error", err)
  end)

  it("fetches a page only when it is needed", function()
    local asked = 0
    local next_item = pages.each(counted, plain, function()
      asked = asked + 1
      return items(asked * 20 + 1, asked * 20 + 20), { page = { links = false } }
    end, { size = 20 })
    assert.equal(0, asked)
    for _ = 1, 20 do next_item() end
    assert.equal(1, asked)
    next_item()
    assert.equal(2, asked)
  end)

  it("gives items without an id as they come", function()
    local ids = walk(counted, { size = 2 }, function(number) return number == 0 and { {}, {} } or {} end)
    assert.equal(0, #ids) -- their ids are nil
    local count = 0
    for _ in pages.each(counted, plain, function(one)
      return one.page == 0 and { { n = 1 }, { n = 2 } } or {}, { page = { links = false } }
    end, { size = 2 }) do count = count + 1 end
    assert.equal(2, count)
  end)
end)

describe("an iterator over linked pages", function()
  local function place(number, last, next_number)
    return { single = false, links = true, number = number, last = last, next = next_number }
  end

  for name, case in pairs {
    ["links without next"] = { function(n) return items(n * 2, n * 2 + 1), place(n, nil, n < 3 and n + 1 or nil) end, 6 },
    ["self equal to last"] = { function(n) return items(n * 2, n * 2 + 1), place(n, 3, n + 1) end, 6 },
    ["an empty page"] = { function(n) return n < 4 and items(n * 2, n * 2 + 1) or {}, place(n, 9, n + 1) end, 6 },
    ["no links at all and a short page"] = { function(n) return items(n * 2, math.min(n * 2 + 1, 6)) end, 5 },
    ["data as one object"] = { function(n) return items(n, n), { single = true, links = true, next = n + 1 } end, 1 },
    ["links without numbers"] = { function(n) return items(n, n), { single = false, links = true } end, 1 },
  } do
    it("ends by " .. name, function()
      local ids, _, err = walk(linked, { page = { size = 2 } }, case[1])
      assert.is_nil(err)
      assert.equal(case[2], #ids)
    end)
  end

  it("goes on after a short page that has a next", function()
    local ids = walk(linked, nil, function(n) return items(n * 100, n * 100 + (n == 2 and 0 or 9)), place(n, 4, n < 4 and n + 1 or nil) end)
    assert.equal(31, #ids)
  end)

  for name, next_number in pairs { ["itself"] = 0, ["an earlier page"] = -1 } do
    it("names a paging loop when a page names " .. name .. " as the next", function()
      local _, _, err = walk(linked, nil, function(n) return items(n * 2, n * 2 + 1), place(n, 9, n == 3 and n + next_number or n + 1) end)
      assert.equal("decode", err.kind)
      assert.truthy(err.message:find "^paging loop")
    end)
  end

  it("names a paging loop when pages repeat although links go on", function()
    local _, asked, err = walk(linked, nil, function(n) return items(1, 50), place(n, 999, n + 1) end)
    assert.truthy(err.message:find "^paging loop")
    assert.is_true(#asked < 5)
  end)

  it("fetches ahead as far as the last page is known, in order", function()
    local under_way, most = 0, 0
    local ids, asked = {}, {}
    assert(pcall(function()
      for item in pages.each(linked, plain, function(one)
        local n = one["page[number]"]
        asked[#asked + 1] = n
        under_way = under_way + 1
        most = math.max(most, under_way)
        if n > 1 then plain.sleep(0.001 * (10 - n)) end
        under_way = under_way - 1
        return items(n * 2, n * 2 + 1), { page = place(n, 9, n < 9 and n + 1 or nil) }
      end, { pages_ahead = 4 }) do ids[#ids + 1] = item.id end
    end))
    assert.equal(18, #ids)
    for i, id in ipairs(ids) do assert.equal("i" .. i + 1, id) end
    assert.equal(9, #asked)
    assert.equal(4, most)
  end)
end)

describe("iterators of clients", function()
  local box, gs, ap
  before_each(function()
    box = sandbox.shared()
    gs, ap = clients.ghostealth(box), clients.activeplatform(box)
  end)

  local function count(each)
    local n = 0
    for _ in each do n = n + 1 end
    return n
  end

  it("walk through the fleet of both platforms", function()
    assert.equal(45, count(gs:each_subscription()))
    assert.equal(1146, count(ap:each_child_subscription()))
    assert.equal(1146, count(ap:each_child_subscription { page = { size = 200 } }))
  end)

  it("send all four parameters of Ghostealth with each page", function()
    count(gs:each_subscription())
    for i, request in ipairs(box:requests()) do
      assert.same({ page = tostring(i - 1), size = "20", sortBy = "id", direction = "DESC" }, request.query)
    end
  end)

  it("see all of a list that the server cuts into smaller pages", function()
    box:fault { kind = "page", cap = 7, times = 1000 }
    assert.equal(45, count(gs:each_subscription { size = 50 }))
  end)

  it("send nothing to the host that links name", function()
    local other = sandbox.start { limit = false }
    box:fault { kind = "page", host = other.url:match "//(.*)", times = 1000 }
    assert.equal(1146, count(ap:each_child_subscription()))
    assert.equal(0, #other:requests())
    other:stop()
  end)

  it("end or raise, but never go on for ever, whatever pages do", function()
    for _, oddity in ipairs { { stuck = 1 }, { next = "self" }, { last = "self" }, { shift = 3 }, { shift = -3 } } do
      oddity.kind, oddity.times = "page", 1000
      box:clear_faults()
      box:fault(oddity)
      for _, each in ipairs { function() return gs:each_subscription() end, function() return ap:each_child_subscription() end } do
        local ok, err = pcall(function() return count(each()) end)
        assert.is_true(ok or err.kind == "decode" and err.message:find "^paging loop" ~= nil)
      end
    end
  end)

  it("raise the error of the server", function()
    box:fault { kind = "status", status = 403, after = 1, body = "{}" }
    local ok, err = pcall(count, gs:each_subscription())
    assert.is_false(ok)
    assert.equal("auth", err.kind)
  end)

  it("fetch ahead over the I/O thread, in order and each item once", function()
    ap = clients.activeplatform(box, { host = plain })
    local one_by_one, ahead = {}, {}
    for sub in ap:each_child_subscription() do one_by_one[#one_by_one + 1] = sub.id end
    for sub in ap:each_child_subscription { pages_ahead = 8 } do ahead[#ahead + 1] = sub.id end
    assert.same(one_by_one, ahead)
  end)

  it("left in the middle, with pages on their way, lose nothing and hang nowhere", function()
    ap = clients.activeplatform(box, { host = plain })
    for _ = 1, 20 do
      local n = 0
      for _ in ap:each_child_subscription { pages_ahead = 8 } do
        n = n + 1
        if n == 60 then break end
      end
      collectgarbage()
    end
    assert.equal(1146, count(ap:each_child_subscription { pages_ahead = 4 }))
  end)
end)
