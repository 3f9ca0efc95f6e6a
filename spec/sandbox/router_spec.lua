local router = require "reseller.sandbox.router"

local ROWS = {
  { id = "list", method = "GET", path = "/things" },
  { id = "create", method = "POST", path = "/things" },
  { id = "stop", method = "PUT", path = "/things/{id}/stop" },
  { id = "part", method = "GET", path = "/things/{id}/parts/{part}" },
}

describe("sandbox router", function()
  local subject = router.new({ sandbox_path = "/dev/v1.0" }, ROWS)

  local found = {
    { "GET", "/dev/v1.0/things", "list", {} },
    { "POST", "/api/v1.0/things", "create", {} },
    { "PUT", "/dev/v1.0/things/7/stop", "stop", { id = "7" } },
    { "GET", "/dev/v1.0/things/a%2Fb/parts/%D0%96", "part", { id = "a/b", part = "Ж" } },
    { "GET", "/dev/v1.0/%74hings", "list", {} },
  }
  for _, case in ipairs(found) do
    it(("finds %s %s"):format(case[1], case[2]), function()
      local row, values = subject:find(case[1], case[2])
      assert.equal(case[3], row.id)
      assert.same(case[4], values)
    end)
  end

  local missed = {
    { "GET", "/things", "" }, { "GET", "/dev/v1.0/things/", "" }, { "GET", "/dev/v1.0/thing", "" },
    { "PUT", "/dev/v1.0/things//stop", "" }, { "PUT", "/dev/v1.0/things/%f/stop", "" },
    { "DELETE", "/dev/v1.0/things", "GET, POST" }, { "GET", "/dev/v1.0/things/7/stop", "PUT" },
  }
  for _, case in ipairs(missed) do
    it(("does not find %s %s, and names the methods it could"):format(case[1], case[2]), function()
      local row, allowed = subject:find(case[1], case[2])
      assert.is_nil(row)
      assert.equal(case[3], allowed)
    end)
  end

  it("owns what lies under its roots", function()
    assert.is_true(subject:owns "/dev/v1.0/anything")
    assert.is_true(subject:owns "/api/v1.0")
    assert.is_false(subject:owns "/dev/v1.01/things")
    assert.is_false(subject:owns "/")
  end)

  it("takes for its root what all paths begin with when it has no prefix", function()
    local other = router.new({ sandbox_path = "" }, {
      { id = "a", method = "GET", path = "/api/v3/shops/{id}/things" },
      { id = "b", method = "GET", path = "/api/v3/shops/{id}" },
    })
    assert.is_true(other:owns "/api/v3/shops/1/nothing")
    assert.is_false(other:owns "/api/v1.0/things")
    assert.equal("b", other:find("GET", "/api/v3/shops/1").id)
  end)
end)
