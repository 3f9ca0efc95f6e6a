local core = require "reseller.core"
local reseller = require "reseller"

local SECRET = "GHO-abcdefghij-STEA-klmnopqrst-LTH"

describe("client options", function()
  local environment = {}

  before_each(function()
    environment = {}
    stub(os, "getenv", function(name) return environment[name] end)
  end)
  after_each(function() os.getenv:revert() end)

  local function refusal(platform, options)
    local ok, message = pcall(function()
      local client = reseller[platform](options)
      return client
    end)
    assert.is_false(ok)
    assert.is_string(message)
    return message
  end

  it("default to the vendor's base URL", function()
    assert.equal("https://api.ghostealth.com/dev/v1.0", reseller.ghostealth { api_key = SECRET }.base_url)
  end)

  it("let the prefix be changed", function()
    local gs = reseller.ghostealth { api_key = SECRET, base_url = "https://api.ghostealth.com/api/v1.0" }
    assert.equal("https://api.ghostealth.com/api/v1.0", gs.base_url)
  end)

  it("come from the environment where absent", function()
    environment = { GHOSTEALTH_API_KEY = SECRET, ACTIVEPLATFORM_BASE_URL = "https://portal.example.com/",
      ACTIVEPLATFORM_API_TOKEN = "token-of-manager", ACTIVEPLATFORM_RESELLER_ID = "12" }
    assert.is_table(reseller.ghostealth())
    local ap = reseller.activeplatform()
    assert.equal("https://portal.example.com", ap.base_url)
    assert.equal("12", ap.defaults_.reseller_id)
    assert.equal(3, reseller.activeplatform { reseller_id = 3 }.defaults_.reseller_id)
  end)

  it("take an empty variable for an absent one", function()
    environment = { GHOSTEALTH_API_KEY = "" }
    assert.truthy(refusal("ghostealth", {}):find("api_key: expected text (or GHOSTEALTH_API_KEY in the environment), got nothing", 1, true))
  end)

  it("give way to the sandbox, which gets no real credential", function()
    environment = { RESELLER_SANDBOX = "http://127.0.0.1:4711", GHOSTEALTH_API_KEY = SECRET }
    local given
    stub(core, "session", function(settings)
      given = settings
      return { fingerprint = function() return "" end }
    end)
    local gs = reseller.ghostealth { base_url = "https://elsewhere.example.com" }
    local ap = reseller.activeplatform { base_url = "https://portal.example.com", api_token = "real-token" }
    core.session:revert()
    assert.equal("http://127.0.0.1:4711/dev/v1.0", gs.base_url)
    assert.equal("http://127.0.0.1:4711", ap.base_url)
    assert.equal(1, ap.defaults_.reseller_id)
    assert.is_nil(table.concat(given.headers, "\n"):find("real-token", 1, true))
  end)

  for _, origin in ipairs { "http://example.com", "https://sandbox.example.com", "nonsense" } do
    it("refuse the sandbox at " .. origin, function()
      environment = { RESELLER_SANDBOX = origin }
      assert.truthy(refusal("ghostealth", { api_key = SECRET }):find "RESELLER_SANDBOX: expected the URL of a server on this machine")
    end)
  end

  for name, case in pairs {
    ["an unknown option"] = { { api_key = SECRET, timeuot = 5 }, "unknown option `timeuot`; did you mean `timeout`?" },
    ["one of the other platform"] = { { api_key = SECRET, reseller_id = 5 }, "unknown option `reseller_id`" },
    ["a position"] = { { SECRET }, "unknown option `1`" },
    ["a timeout of 0"] = { { api_key = SECRET, timeout = 0 }, "timeout: expected seconds, more than 0, got 0" },
    ["a timeout in words"] = { { api_key = SECRET, timeout = "5" }, 'timeout: expected seconds, more than 0, got "5"' },
    ["an endless timeout"] = { { api_key = SECRET, timeout = math.huge }, "timeout: expected seconds" },
    ["a number as switch"] = { { api_key = SECRET, keep_null = 1 }, "keep_null: expected true or false, got 1" },
    ["a text as callback"] = { { api_key = SECRET, on_event = "print" }, "on_event: expected a function" },
    ["plain http"] = { { api_key = SECRET, base_url = "http://91.99.96.73:8080/dev/v1.0" }, "base_url: expected https://" },
    ["half a retry"] = { { api_key = SECRET, retries = 0.5 }, "retries: expected a whole number of at least 0, got 0.5" },
    ["a limit without seconds"] = { { api_key = SECRET, limit = { requests = 5 } }, "limit.seconds: expected seconds, more than 0, got nil" },
    ["a limit of too many"] = { { api_key = SECRET, limit = { requests = 257, seconds = 1 } }, "limit.requests: expected a whole number from 1 to 256" },
    ["a limit with an unknown field"] = { { api_key = SECRET, limit = { requests = 5, seconds = 1, burst = 2 } }, "limit: unknown field `burst`" },
    ["a file of leases without a path"] = { { api_key = SECRET, limit = { requests = 5, seconds = 1, store = "file" } }, "limit.path: expected the name of a file" },
    ["a file of leases that is none"] = { { api_key = SECRET, limit = { requests = 5, seconds = 1, store = "file", path = "LICENSE" } }, "limit.path: LICENSE: it is no file of leases" },
    ["a file of leases where none can be"] = { { api_key = SECRET, limit = { requests = 5, seconds = 1, store = "file", path = "/nowhere/x" } }, "limit.path: /nowhere/x: No such file or directory" },
    ["a key with a line break"] = { { api_key = SECRET .. "\r\nX-Evil: 1" }, "api_key: expected text without spaces and control characters" },
    ["a key of another kind"] = { { api_key = 5 }, "api_key: expected text without" },
    ["a far proxy for plain http"] = { { api_key = SECRET, base_url = "http://127.0.0.1:1", proxy = "http://proxy.example.com:3128" },
      "proxy: expected one on this machine" },
  } do
    it("refuse " .. name .. ", at the caller's line", function()
      local message = refusal("ghostealth", case[1])
      assert.truthy(message:find(case[2], 1, true), message)
      assert.truthy(message:find "config_spec%.lua:%d+:")
      assert.is_nil(message:find(SECRET, 1, true))
    end)
  end

  it("refuse what is no table", function()
    assert.truthy(refusal("ghostealth", "key"):find "expected a table of options, got a string")
  end)

  it("leave the credential out of every table of the client", function()
    local seen = {}
    local function search(value)
      if type(value) == "string" then assert.is_nil(value:find(SECRET, 1, true)) end
      if type(value) ~= "table" or seen[value] then return end
      seen[value] = true
      for k, v in pairs(value) do search(k); search(v) end
    end
    local gs = reseller.ghostealth { api_key = SECRET }
    search(gs)
    search(getmetatable(gs))
    assert.is_nil(tostring(gs):find(SECRET, 1, true))
    assert.is_nil(tostring(gs.session_):find(SECRET, 1, true))
  end)
end)

describe("nearest", function()
  local nearest = require "reseller.nearest"
  it("finds what was meant", function()
    assert.equal("timeout", nearest("timeuot", { "proxy", "timeout" }))
    assert.equal("page[size]", nearest("page[sizes]", { "page[number]", "page[size]" }))
    assert.is_nil(nearest("xylophone", { "proxy", "timeout" }))
    assert.equal("DESC", nearest("DSC", { "ASC", "DESC" }))
  end)
end)
