local gzip = require "reseller.sandbox.gzip"

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

-- What the system's own gzip makes of it.
local function unpacked(packed, filter)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(packed)
  file:close()
  local pipe = assert(io.popen(("gzip -dc <%s 2>/dev/null | %s"):format(path, filter)))
  local result = pipe:read("*a")
  pipe:close()
  os.remove(path)
  return result
end

describe("sandbox gzip", function()
  local sums = { { "", "00000000" }, { "123456789", "2639f4cb" }, { ("\0"):rep(32), "ad550a19" } }
  for _, case in ipairs(sums) do
    it(("sums %d bytes"):format(#case[1]), function()
      assert.equal(case[2], hex(gzip.crc32(case[1])))
    end)
  end

  for _, length in ipairs { 0, 1, 65535, 65536, 140000 } do
    it(("packs %d bytes that gzip unpacks"):format(length), function()
      local plain = ("0123456789abcdef"):rep(math.ceil(length / 16)):sub(1, length)
      assert.equal(plain, unpacked(gzip.store(plain), "cat"))
    end)
  end

  it("packs zeros tight", function()
    local bomb = gzip.bomb(5000000)
    assert.is_true(#bomb < 5000000 / 150)
    local count = tonumber(unpacked(bomb, "tr -d -c '\\000' | wc -c"))
    assert.is_true(count >= 5000000 and count < 5010000)
  end)
end)
