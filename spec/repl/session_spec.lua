local errors = require "reseller.errors"
local interrupt = require "reseller.repl.interrupt"
local secrets = require "reseller.repl.secrets"
local session = require "reseller.repl.session"
local show = require "reseller.repl.show"

describe("a piece of Lua", function()
  for source, result in pairs { ["1 + 1"] = 2, ["return 3"] = 3, ["= 4"] = 4, ["x = 5 return x"] = 5, ["-- nothing\n6"] = 6,
    ["(function() return 7 end)()"] = 7 } do
    it(("%q is run"):format(source), function() assert.equal(result, session.compile({}, source)()) end)
  end

  for _, source in ipairs { "for i = 1, 2 do", "f(", "{", "x = 1 +", "function f()", "[[text", "if a then b()", "gs:f {" } do
    it(("%q needs more"):format(source), function()
      local chunk, why, incomplete = session.compile({}, source)
      assert.is_nil(chunk)
      assert.equal("string", type(why))
      assert.is_true(incomplete)
    end)
  end

  for _, source in ipairs { "a b", "x = = 1", "end", '"text', "\27Lua" } do
    it(("%q is wrong, whatever follows"):format(source), function()
      local chunk, _, incomplete = session.compile({}, source)
      assert.is_nil(chunk)
      assert.is_falsy(incomplete)
    end)
  end

  it("sees and sets the globals that it is given", function()
    local env = { a = 2 }
    session.compile(env, "b = a * 3")()
    assert.equal(6, env.b)
  end)
end)

describe("what is shown", function()
  local out, err, shown

  local function file(lines)
    return { write = function(_, ...) lines[#lines + 1] = table.concat { ... } end, flush = function() end }
  end

  before_each(function()
    out, err = {}, {}
    shown = show.new { world = { out = file(out), err = file(err), colour = false }, secrets = secrets.new(), env = {},
      settings = { depth = 4, traceback = false }, missing = { ap = "there is no ap: no key" } }
  end)

  local function meta(fields)
    fields.attempts, fields.elapsed, fields.headers = fields.attempts or 1, fields.elapsed or 0.123, {}
    return fields
  end

  local metas = {
    ["HTTP 200 · 0.12 s"] = meta { status = 200 },
    ["HTTP 200 · 0.12 s · 3 attempts · page 2 of 23"] = meta { status = 200, attempts = 3, page = { number = 2, last = 23 } },
    ["0.12 s · entry 7 · replayed: nothing was sent"] = meta { entry = 7, replayed = true },
    ["HTTP 200 · 0.12 s · entry 7 · the price is not known"] = meta { status = 200, entry = 7, note = "the price is not known" },
    ["HTTP 200 · 0.12 s · not recorded: disk full"] = meta { status = 200, unrecorded = "disk full" },
  }
  for words, value in pairs(metas) do
    it("is a reply's meta in short: " .. words, function()
      assert.is_true(shown:results({ n = 2, { id = "x" }, value }, "f()"))
      assert.same({ "id  x\n", words .. "\n" }, out)
    end)
  end

  local hints = {
    invalid = 'help "f" tells what it takes', limited = "try again in 13 s", unknown = "do not repeat it blindly",
    auth = "check the key", network = "reseller doctor",
  }
  for kind, hint in pairs(hints) do
    it("is an error of kind " .. kind .. " with what to do next", function()
      local raised = errors.new { kind = kind, endpoint = "f", message = "words", retry_after = 12 }
      assert.is_false(shown:results({ n = 2, nil, raised }, "f()"))
      local text = table.concat(err)
      assert.truthy(text:find(("f: %s: words\n  "):format(kind), 1, true) and text:find(hint, 1, true), text)
      assert.same({}, out)
    end)
  end

  it("tells why a client is missing when it is used", function()
    shown:failure "input:1: attempt to index a nil value (global 'ap')"
    assert.equal("attempt to index a nil value (global 'ap')\n  there is no ap: no key\n", table.concat(err))
  end)

  it("keeps to one line, whatever the words hold", function()
    shown:failure "two\nlines \27[2J GHO-aaaaaaaaaa-STEA-bbbbbbbbbb-LTH"
    assert.equal("two\\nlines \\x1B[2J ***\n", table.concat(err))
  end)

  it("leaves a call without results without words", function()
    shown:results({ n = 0 }, "f()")
    shown:results({ n = 1 }, "f()")
    assert.same({}, out)
  end)
end)

describe("Ctrl-C", function()
  it("is known by the interpreter's words", function()
    assert.is_true(interrupt.is "interrupted!")
    assert.is_true(interrupt.is "input:1: interrupted!")
    assert.is_false(interrupt.is "it was interrupted! twice")
    assert.is_false(interrupt.is {})
  end)
end)
