local text = require "reseller.sandbox.text"

describe("sandbox text", function()
  local encodings = {
    { "plain", nil },
    { "Юридическое лицо – «Ромашка» 🚀", nil },
    { "a\255", 2 },
    { "\192\175", 1 },
    { "\224\128\175", 1 },
    { "ok\237\160\128", 3 },
    { "\244\144\128\128", 1 },
    { "\226\130", 1 },
  }
  for _, case in ipairs(encodings) do
    it(("finds the first byte of %q that is not UTF-8"):format(case[1]), function()
      assert.equal(case[2], (text.bad_utf8(case[1])))
    end)
  end

  it("shows bytes that are not UTF-8", function()
    assert.equal([[ж\xff\x80.]], text.printable "ж\255\128.")
  end)

  local escapes = {
    { "a%2Fb", "a/b" }, { "%D0%96", "Ж" }, { "100%", nil }, { "%zz", nil }, { "%ff", nil },
  }
  for _, case in ipairs(escapes) do
    it(("decodes %s"):format(case[1]), function()
      assert.equal(case[2], text.percent_decode(case[1]))
    end)
  end

  it("splits a target into path and query", function()
    local path, query, fault = text.parse_target "/a%20b?page%5Bsize%5D=2&meta=true&empty=&q=a+b"
    assert.equal("/a%20b", path)
    assert.same({ ["page[size]"] = "2", meta = "true", empty = "", q = "a b" }, query)
    assert.is_nil(fault)
  end)

  it("finds fault with a parameter given twice and with bad encoding", function()
    assert.matches("page", (select(3, text.parse_target "/a?page=1&page=2")))
    assert.matches("UTF%-8", (select(3, text.parse_target "/a?page=%ff")))
  end)
end)
