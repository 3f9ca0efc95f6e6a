local errors = require "reseller.errors"
local secrets = require "reseller.repl.secrets"
local view = require "reseller.repl.view"

local function tree(value, style)
  style = style or {}
  return view.tree(value, { colour = style.colour or false, depth = style.depth or 4, secrets = style.secrets or secrets.new() })
end

describe("a tree", function()
  it("sorts names, numbers first, and aligns what stands beside them", function()
    assert.equal("1     one\na     true\nlong  2", tree { one = nil, [1] = "one", long = 2, a = true })
  end)

  it("goes into tables, as deep as it is told", function()
    local value = { a = { b = { c = { d = { e = 1 } } } } }
    assert.equal("a\n  b\n    c\n      d  {…}", tree(value))
    assert.equal("a\n  b  {…}", tree(value, { depth = 2 }))
  end)

  it("names a cycle instead of following it", function()
    local value = { id = "su_1", account = { name = "x" } }
    value.account.owner, value.account.me = value, value.account
    assert.equal("account\n  me     the same as account\n  name   x\n  owner  the same as the whole\nid       su_1", tree(value))
  end)

  it("shows a table twice that stands in two places", function()
    local shared = { n = 1 }
    assert.equal("a\n  n  1\nb\n  n  1", tree { a = shared, b = shared })
  end)

  it("shortens a resource that was not included, an empty table, and what has words of its own", function()
    local err = errors.new { kind = "auth", endpoint = "x", message = "no" }
    assert.equal("account  accounts 523\nempty    {}\nerr      x: auth: no",
      tree { account = { type = "accounts", id = "523" }, empty = {}, err = err })
  end)

  it("tells what a time means", function()
    assert.equal("timestamp  1773124248080  2026-03-10 06:30 UTC\nvalue      1773124248080",
      tree { timestamp = 1773124248080, value = 1773124248080 })
  end)

  it("quotes texts that would pass for something else", function()
    assert.equal('a  "100"\nb  "true"\nc  ""\nd  100\ne  Пример', tree { a = "100", b = "true", c = "", d = 100, e = "Пример" })
  end)

  it("obeys no control characters", function()
    assert.equal("a  \\x1B[2J\\nb\\u{9B}", tree { a = "\27[2J\nb\194\155" })
    assert.equal("x\n\\x1B[1m", view.safe "x\n\27[1m")
  end)

  it("cuts long texts and long lists", function()
    local text = tree { a = ("ы"):rep(400) }
    assert.truthy(text:find("ы… (800 bytes)", 1, true))
    local list = {}
    for i = 1, 70 do list[i] = i end
    local lines = tree { list = list }
    assert.truthy(lines:find("\n  50  50\n", 1, true))
    assert.truthy(lines:find "… and 20 more$")
  end)

  it("masks secret fields, and access to applications but for its name", function()
    local known = secrets.new()
    local text = tree({ api_key = "abcd1234", name = "n", meta = { applications = { { plugin_name = "p", admin = "x1234" } } } },
      { secrets = known })
    assert.equal("api_key  ***\nmeta\n  applications\n    1\n      admin        ***\n      plugin_name  p\nname     n", text)
    assert.equal("it is *** and ***", known:mask "it is abcd1234 and x1234")
  end)

  it("is coloured only where colours are wanted", function()
    assert.equal("\27[36ma\27[0m  1", tree({ a = 1 }, { colour = true }))
  end)
end)

describe("secrets", function()
  local known = secrets.new()

  it("are known by their shape", function() assert.equal("key ***", known:mask "key GHO-aaaaaaaaaa-STEA-bbbbbbbbbb-LTH") end)

  it("keep a line out of the history", function()
    for _, line in ipairs { "x = { api_key = 'abc' }", "t['password'] = \"x\"", "api_token=[[x]]", "print 'GHO-abc-STEA-d-LTH'" } do
      assert.is_true(known:is_in(line), line)
    end
    for _, line in ipairs { "x = { name = 'abc' }", "print(r.app.apiKey)", "gs:list_subscriptions()" } do
      assert.is_false(known:is_in(line), line)
    end
  end)

  it("are seen to be asked for by an expression that ends in their name", function()
    for _, line in ipairs { "r.app.apiKey", "r['password']", "x.y.first_password  ", "r.app . apiKey;" } do
      assert.is_true(secrets.is_asked_for(line), line)
    end
    for _, line in ipairs { "r.app", "apiKeys", "r.apiKey.x", "f(r)" } do assert.is_false(secrets.is_asked_for(line), line) end
  end)
end)
