local json = require "reseller.json"
local template = require "reseller.sandbox.template"

describe("sandbox template", function()
  local cases = {
    { "text", 'a "b" \\ / ж\n\1', [["a \"b\" \\ / ж\n\u0001"]] },
    { "an integer", 1773124248080, "1773124248080" },
    { "a truth", false, "false" },
    { "nothing", nil, "null" },
  }
  for _, case in ipairs(cases) do
    it(("writes %s as JSON"):format(case[1]), function()
      local written = template.compile [[{"v":$v}]] { v = case[2] }
      assert.equal('{"v":' .. case[3] .. "}", written)
      assert.equal(case[2], json.decode(written).v)
    end)
  end

  it("leaves out line breaks and what indents a line", function()
    assert.equal('{"a":1,"b":2}', template.compile [[
      {"a":$a,
       "b":$b}
    ]] { a = 1, b = 2 })
  end)

  it("takes text that is JSON already", function()
    assert.equal('{"a":[{},{}]}', template.compile [[{"a":$$a}]] { a = template.array { "{}", "{}" } })
  end)
end)
