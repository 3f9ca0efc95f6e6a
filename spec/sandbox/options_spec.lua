local options = require "reseller.sandbox.options"

describe("sandbox options", function()
  it("reads numbers, words and flags", function()
    local words = { "--port", "8080", "--window", "0.5", "--count", "first_hit", "--no-limit" }
    local chosen = assert(options.parse(words))
    assert.same({ port = 8080, window = 0.5, count = "first_hit", limit = false }, chosen)
    assert.same({ watch_stdin = true }, options.parse { "--watch-stdin" })
  end)

  local refusals = {
    { { "--prot", "1" }, "--prot: unknown option" },
    { { "--port" }, "--port: expected a value" },
    { { "--port", "http" }, "--port: expected a number, got http" },
    { { "8080" }, "8080: unknown option" },
  }
  for _, case in ipairs(refusals) do
    it("refuses " .. table.concat(case[1], " "), function()
      local chosen, why = options.parse(case[1])
      assert.is_nil(chosen)
      assert.equal(case[2], why)
    end)
  end
end)
