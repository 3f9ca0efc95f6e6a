local json = require "reseller.json"

local integers = math.type ~= nil -- luacheck: ignore 143

local function kind(value) return integers and math.type(value) or "number" end -- luacheck: ignore 143

describe("json.decode", function()
  for text, expected in pairs { ["100"] = 100, ["-7"] = -7, ["0"] = 0, ["-0"] = 0, ["1773124248080"] = 1773124248080,
    ["9007199254740991"] = 9007199254740991 } do
    it("reads " .. text .. " as an integer", function()
      local value = json.decode('{"n":' .. text .. "}").n
      assert.equal(expected, value)
      assert.equal(integers and "integer" or "number", kind(value))
      assert.equal((text:gsub("^%-0$", "0")), ("%.0f"):format(value))
    end)
  end

  for text, expected in pairs { ["19.0"] = 19, ["0.5"] = 0.5, ["1e3"] = 1000, ["-2.50"] = -2.5, ["1E-2"] = 0.01 } do
    it("reads " .. text .. " as a float", function()
      local value = json.decode("[" .. text .. "]")[1]
      assert.equal(expected, value)
      assert.equal(integers and "float" or "number", kind(value))
    end)
  end

  for _, text in ipairs { "9007199254740993", "9223372036854775807", "-9223372036854775808" } do
    it("keeps " .. text .. " exact", function()
      assert.equal(text, tostring(json.decode('{"n":' .. text .. "}").n))
    end)
  end

  it("keeps an integer that no number can hold as text", function()
    assert.equal("123456789012345678901234567890", json.decode "[123456789012345678901234567890]"[1])
    assert.equal("-9223372036854775809", json.decode "[-9223372036854775809]"[1])
  end)

  it("leaves money that came as text alone", function()
    assert.equal("9066.03", json.decode '{"balance":"9066.03"}'.balance)
  end)

  it("makes a null an absent key", function()
    assert.same({ b = 1 }, json.decode '{"a":null,"b":1}')
  end)

  it("keeps nulls of objects when asked to", function()
    assert.equal(json.null, json.decode('{"a":null}', true).a)
  end)

  it("keeps nulls of arrays, so that positions stay", function()
    local list = json.decode "[1,null,3]"
    assert.equal(3, #list)
    assert.equal(json.null, list[2])
  end)

  it("tells an empty array from an empty object", function()
    local value = json.decode '{"a":[],"o":{},"n":{"a":[]}}'
    assert.is_true(json.is_array(value.a))
    assert.is_true(json.is_array(value.n.a))
    assert.is_false(json.is_array(value.o))
  end)

  it("finds values under keys with escapes", function()
    local value = json.decode [[{"\u0061\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00":5,"x":null}]]
    assert.same({ ['a"\\/\b\f\n\r\té€😀'] = 5 }, value)
    assert.equal(integers and "integer" or "number", kind(next(value) and value['a"\\/\b\f\n\r\té€😀']))
  end)

  it("lets the last of duplicate keys win, whatever their kinds", function()
    for text, expected in pairs { ['{"a":1,"a":2}'] = { a = 2 }, ['{"a":{"b":1},"a":5}'] = { a = 5 },
      ['{"a":5,"a":{"b":1}}'] = { a = { b = 1 } }, ['{"a":null,"a":5}'] = { a = 5 }, ['{"a":5,"a":null}'] = {},
      ['{"a":[],"a":{"b":1}}'] = { a = { b = 1 } }, ['{"a":1,"a":2.5}'] = { a = 2.5 },
      ['{"a":[1],"a":[]}'] = { a = {} } } do
      assert.same(expected, json.decode(text))
    end
  end)

  it("takes scalars at the top, and white space around", function()
    assert.equal(5, json.decode " \t\r\n5 ")
    assert.equal("x", json.decode '"x"')
    assert.is_false(json.decode "false")
    assert.equal(json.null, json.decode "null")
  end)

  it("ignores a byte order mark", function()
    assert.same({ a = 1 }, json.decode '\239\187\191{"a":1}')
  end)

  it("takes 128 levels and no more", function()
    assert.is_table(json.decode(("["):rep(128) .. ("]"):rep(128)))
    assert.is_nil((json.decode(("["):rep(129) .. ("]"):rep(129))))
    assert.is_nil((json.decode(('{"a":'):rep(129) .. "1" .. ("}"):rep(129))))
  end)

  for name, text in pairs {
    ["nothing"] = "", ["white space"] = " ", ["NaN"] = "[NaN]", ["Infinity"] = "[Infinity]", ["-Infinity"] = "[-Infinity]",
    ["a number over all bounds"] = "[1e400]", ["a hexadecimal number"] = "[0x10]", ["a leading zero"] = "[01]",
    ["a bare point"] = "[1.]", ["a leading point"] = "[.5]", ["a plus sign"] = "[+1]", ["an empty exponent"] = "[1e]",
    ["a lone minus"] = "[-]", ["an exponent that LuaJIT cannot read"] = "[1e-1234567]", ["more after the end"] = "{} {}", ["a trailing comma"] = "[1,]", ["a cut"] = '{"a":[1,2',
    ["a cut text"] = '{"a":"b', ["single quotes"] = "{'a':1}", ["a bare word"] = "[nil]", ["a long word"] = "[trueish]",
    ["a missing colon"] = '{"a" 1}', ["a number as key"] = "{1:2}", ["a comment"] = "[1/**/]",
    ["a raw control character"] = '["a\1b"]', ["a raw line feed"] = '["a\nb"]', ["a zero byte"] = '["a\0b"]',
    ["an unknown escape"] = [=[["\x"]]=], ["a lone surrogate escape"] = [=[["\ud800"]]=],
    ["a stray continuation byte"] = '["\128"]', ["an overlong form"] = '["\192\175"]',
    ["a long overlong form"] = '["\224\128\175"]', ["a surrogate in UTF-8"] = '["\237\160\128"]',
    ["a character above U+10FFFF"] = '["\244\144\128\128"]', ["a cut sequence"] = '["\226\130"]',
    ["bad UTF-8 in a key"] = '{"\255":1}', ["Latin-1"] = '["caf\233"]', ["UTF-16"] = "[\0001\000]\000", ["HTML"] = "<html></html>",
  } do
    it("refuses " .. name, function()
      local value, fault = json.decode(text)
      assert.is_nil(value)
      assert.is_string(fault)
      assert.is_nil(fault:find("%.lua:"))
    end)
  end

  it("takes every well-formed sequence of UTF-8", function()
    for _, text in ipairs { "Юридическое лицо", "\194\128", "\223\191", "\224\160\128", "\237\159\191", "\238\128\128",
      "\240\144\128\128", "\244\143\191\191", "12345678é", "1234567é" } do
      assert.equal(text, json.decode('["' .. text .. '"]')[1])
    end
  end)
end)

describe("json.encode", function()
  for text, value in pairs { ["[]"] = json.array {}, ["{}"] = {}, ["null"] = json.null, ["[1,2]"] = { 1, 2 }, ['"x"'] = "x",
    ["100000000000000"] = 100000000000000, ["-9007199254740991"] = -9007199254740991, ["[0.1]"] = { 0.1 },
    ["0.30000000000000004"] = 0.1 + 0.2, ['{"a":[]}'] = { a = json.array {} }, ['["Юр"]'] = { "Юр" } } do
    it("writes " .. text, function() assert.equal(text, json.encode(value)) end)
  end

  if integers then
    it("writes a float as one, and every integer exactly", function()
      assert.equal("[19.0,9223372036854775807]", json.encode { 19.0, math.maxinteger }) -- luacheck: ignore 143
    end)
  end

  it("gives back what it decoded", function()
    for _, text in ipairs { '{"a":[]}', '{"a":{}}', "[1,null,[],{}]", '{"s":"a\\"b"}' } do
      assert.equal(text, json.encode(json.decode(text)))
    end
  end)

  it("lets no text pass for a number", function()
    assert.equal([=[["5"]]=], json.encode { "5" })
    assert.is_nil((json.encode { "\2555" }))
  end)

  local cycle = {}
  cycle.self = cycle
  for name, value in pairs { ["NaN"] = 0 / 0, ["infinity"] = math.huge, ["a function"] = print, ["bad UTF-8"] = "\255",
    ["bad UTF-8 in a key"] = { ["\255"] = 1 }, ["a list with keys"] = { 1, a = 2 }, ["a list with a fraction as key"] = { 1, [1.5] = 2 },
    ["a number as key"] = { [5] = 1 }, ["a cycle"] = cycle } do
    it("refuses " .. name, function()
      local text, fault = json.encode(value)
      assert.is_nil(text)
      assert.is_string(fault)
    end)
  end

  it("gives a value alone, or nil and why", function()
    assert.equal(1, select("#", json.decode '{"\\u0061ttributes":[{"data":1}]}'))
    assert.equal(2, select("#", json.decode "{"))
  end)

  describe("in slices", function()
    local texts = { "{}", "[]", "null", "", "{", '{"a"', '{"a":', '{"a":[', "{a:1}", '{"a":1}', '{"data":[1,2,3],"x":null}',
      '{"data":[]}', '{"data":[{"attributes":{"q":{"data":1}}}]}', '{"attributes":[{"data":2}],"data":1}', '{"a":[1,2', '{"a":[1,2]',
      '{"a":[1 2]}', '{"a":[1,2]} x', '{"a":[1,2],}', '{"a":[1,2,]}', '{"a":[[],{}],"a":null}', '{"a":[1],"a":[2,3]}',
      '{"\\u0061":["\\n\\u00e9"],"b":{"c":[1,{"d":"\\t"}]}}', '\239\187\191{"a":[true,false,null]}',
      ' { "a" : [ 1 , 2 ] , "b" : { } } ', '{"a":[1.5e3,-0,12345678901234567890,1e999]}',
      '{"a":[' .. ("["):rep(126) .. ("]"):rep(126) .. "]}", '{"a":[' .. ("["):rep(127) .. ("]"):rep(127) .. "]}" }

    for _, text in ipairs(texts) do
      it("is what it is at once: " .. text:sub(1, 40), function()
        for _, keep_null in ipairs { false, true } do
          local value, more = json.document(text, keep_null)
          for _, bytes in ipairs { 1, 7, 1e9 } do
            local sliced, sliced_more = json.document(text, keep_null, function() end, bytes)
            assert.same(value, sliced)
            assert.equal(more, sliced_more)
            assert.equal(getmetatable(value), getmetatable(sliced))
          end
        end
      end)
    end

    it("pauses between the items of a list and the members of its object, and is not broken by what happens meanwhile", function()
      local pauses = 0
      local function pause()
        pauses = pauses + 1
        assert.same({ b = { "\n" } }, json.document('{"b":["\\n"]}', false, function() end, 1))
        collectgarbage()
      end
      local value = json.document('{"a":[{"x":"\\u00e9"},2,3],"b":1,"c":"y"}', false, pause, 1)
      assert.same({ a = { { x = "é" }, 2, 3 }, b = 1, c = "y" }, value)
      assert.is_true(pauses >= 4)
    end)
  end)
end)
