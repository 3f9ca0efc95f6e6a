-- The server as a process, over real sockets.
local cqueues = require "cqueues"
local exchanges = require "spec.sandbox.exchanges"
local json = require "reseller.json"
local sandbox = require "spec.support.sandbox"
local worlds = require "spec.sandbox.worlds"

local function open(box, ...)
  local peer = box:connect()
  for _, bytes in ipairs { ... } do
    peer:write(bytes)
  end
  peer:flush()
  return peer
end

describe("sandbox server", function()
  local box
  before_each(function() box = sandbox.shared() end)

  it("serves request after request on one connection", function()
    local peer = box:connect()
    for _ = 1, 3 do
      peer:write(exchanges.RENEW)
      peer:flush()
      local status, headers, body = exchanges.read_reply(peer)
      assert.equal(200, status)
      assert.equal("application/json", headers["content-type"])
      assert.is_true(json.decode(body).success)
    end
    peer:close()
    assert.equal(3, #box:charges())
  end)

  it("serves requests that were sent in one go", function()
    local peer = open(box, exchanges.READ, exchanges.CREATE, exchanges.RENEW)
    for _ = 1, 3 do
      assert.equal(200, (exchanges.read_reply(peer)))
    end
    peer:close()
  end)

  it("books a number for each connection", function()
    local peer = open(box, exchanges.READ, exchanges.READ)
    exchanges.read_reply(peer)
    exchanges.read_reply(peer)
    peer:close()
    exchanges.send(box, exchanges.closing(exchanges.READ))
    local booked = box:requests()
    assert.equal(booked[1].connection, booked[2].connection)
    assert.not_equal(booked[1].connection, booked[3].connection)
  end)

  it("closes when asked to", function()
    local received, code = exchanges.send(box, exchanges.closing(exchanges.READ))
    assert.matches("^HTTP/1.1 200 OK\r\n", received)
    assert.is_nil(code)
  end)

  it("reads a body in chunks", function()
    local plan = worlds.PLAN
    local head = exchanges.request("POST", "/subscriptions", nil,
      { ["content-length"] = false, ["transfer-encoding"] = "chunked", connection = "close" })
    local chunks = ("%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"):format(10, plan:sub(1, 10), #plan - 10, plan:sub(11))
    assert.matches("^HTTP/1.1 200 ", (exchanges.send(box, head .. chunks)))
  end)

  it("refuses Expect without waiting for the body", function()
    local request = exchanges.request("POST", "/subscriptions", nil,
      { expect = "100-continue", ["content-length"] = "62" })
    assert.matches("^HTTP/1.1 417 ", (exchanges.send(box, request)))
    assert.equal(0, #box:charges())
  end)

  it("answers HEAD with 405 and no body", function()
    local received = exchanges.send(box, exchanges.request("HEAD", "", nil, { connection = "close" }))
    assert.matches("^HTTP/1.1 405 .*\r\n\r\n$", received)
  end)

  it("answers 400 to what is not HTTP", function()
    assert.matches("^HTTP/1%.%d 400 ", (exchanges.send(box, "HELLO\r\n\r\n")))
  end)

  it("acts on nothing of a request that never ends", function()
    local peer = open(box, exchanges.CREATE:sub(1, -2))
    peer:close()
    exchanges.send(box, exchanges.closing(exchanges.READ))
    assert.equal(0, #box:charges())
  end)

  it("serves others while a reply is delayed", function()
    box:fault { kind = "delay", seconds = 0.2, method = "PUT" }
    local slow, started = open(box, exchanges.RENEW), cqueues.monotime()
    exchanges.send(box, exchanges.closing(exchanges.READ))
    assert.is_true(cqueues.monotime() - started < 0.15)
    assert.equal(200, (exchanges.read_reply(slow)))
    assert.is_true(cqueues.monotime() - started >= 0.19)
    slow:close()
  end)

  it("ends when told to, with its port closed", function()
    local other = sandbox.start { port = 0 }
    other:stop()
    assert.is_false((pcall(other.state, other)))
  end)

  it("says why it does not start", function()
    local function start_red() sandbox.start { colour = "red" } end
    assert.error_matches(start_red, "did not start: .*colour: unknown option")
    assert.error_matches(function() sandbox.start { port = box.port } end, "did not start")
  end)
end)

describe("sandbox process", function()
  -- Runs shell lines with SERVER in the environment, and returns what they print.
  local function shell(script)
    local paths = 'LUA_PATH="./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH="./%s/lib/lua/5.4/?.so;;"'
    local line = paths:format(os.getenv "RESELLER_BUILD" or "build")
      .. " SERVER='require(\"reseller.sandbox\").main(arg)' sh -c '" .. script .. "' 2>&1"
    local pipe = assert(io.popen(line))
    local printed = pipe:read "*a"
    pipe:close()
    return printed
  end

  -- Starts the server, waits for its first line, does `action`, and shows how it ended.
  local function lifetime(options, action)
    return shell(([[
      out=$(mktemp)
      mkfifo $out.in
      lua5.4 -e "$SERVER" - %s <$out.in >$out & pid=$!
      exec 9>$out.in
      n=0; while [ ! -s $out ] && [ $n -lt 500 ]; do sleep 0.01; n=$((n+1)); done
      %s
      wait $pid
      echo ended $?
      head -1 $out
      rm -f $out $out.in
    ]]):format(options, action))
  end

  for _, name in ipairs { "TERM", "INT" } do
    it("ends cleanly on SIG" .. name, function()
      local printed = lifetime("", "kill -" .. name .. " $pid")
      assert.matches("^ended 0\nreseller sandbox listening on http://127%.0%.0%.1:%d+\n", printed)
    end)
  end

  it("ends with its standard input when told to watch it", function()
    assert.matches("^ended 0\n", lifetime("--watch-stdin", "exec 9>&-"))
  end)

  it("outlives its standard input otherwise", function()
    local printed = lifetime("", "exec 9>&-; sleep 0.1; kill -0 $pid && echo alive; kill $pid")
    assert.matches("alive\nended 0\n", printed)
  end)

  it("writes its address to a file for whoever waits", function()
    local printed = lifetime("--announce $out.url", "cat $out.url; rm $out.url; kill $pid")
    assert.matches("^http://127%.0%.0%.1:%d+\nended 0\n", printed)
  end)

  it("answers wrong options with code 2 and a hint", function()
    local printed = shell 'lua5.4 -e "$SERVER" - --prot 1; echo ended $?'
    assert.matches("reseller sandbox: %-%-prot: unknown option\nusage: .*ended 2\n", printed)
  end)

  it("ends with code 1 when an option will not do", function()
    local printed = shell 'lua5.4 -e "$SERVER" - --window -3; echo ended $?'
    assert.matches("window: expected a number above 0, got %-3.*ended 1\n", printed)
  end)
end)
