local library = require "reseller.sandbox.library"
local wire = require "reseller.sandbox.wire"

describe("sandbox wire", function()
  it("writes a reply as HTTP, its headers in a fixed order", function()
    local headers = { ["content-type"] = "application/json", allow = "GET" }
    local lines = {
      "HTTP/1.1 405 Method Not Allowed", "allow: GET", "content-type: application/json", "content-length: 2",
      "", "{}",
    }
    assert.equal(table.concat(lines, "\r\n"), wire.render { status = 405, headers = headers, body = "{}" })
  end)

  it("writes dates as HTTP does", function()
    assert.equal("Sun, 06 Nov 1994 08:49:37 GMT", wire.date(784111777))
  end)
end)

describe("sandbox library", function()
  it("looks under other versions of Lua last", function()
    local path = "./?.lua;/usr/share/lua/5.4/?.lua"
    local widened = path .. ";/usr/share/lua/5.3/?.lua;/usr/share/lua/5.2/?.lua;/usr/share/lua/5.1/?.lua"
    assert.equal(widened, library.widen(path, "5.4"))
  end)
end)
