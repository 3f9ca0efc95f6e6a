local core = require "reseller.core"
local plain = require "reseller.host.plain"
local reseller = require "reseller"
local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local function run(command)
  local pipe = io.popen(command)
  local text = pipe:read "*a"
  pipe:close()
  return text
end

describe("a mailbox that is listened to", function()
  local mailbox, path, peer
  before_each(function()
    mailbox = core.mailbox()
    path = assert(mailbox:listen())
  end)
  after_each(function()
    if peer then peer:close() end
    peer = nil
    mailbox:close()
  end)

  local function connect()
    local made = socket.connect { path = path }
    made:settimeout(5)
    made:setmode("bn", "bn")
    assert(made:connect())
    return made
  end

  it("has its socket in a folder that nobody else can enter", function()
    assert.equal("700\n", run("stat -c %a " .. path:match "^(.*)/"))
  end)

  it("takes this process, and leaves no file behind", function()
    peer = connect()
    assert.is_true(mailbox:accept())
    assert.equal("", run(("ls -d %s 2>/dev/null"):format(path:match "^(.*)/")))
    mailbox:kick()
    assert.equal("\0", peer:read(1))
  end)

  it("takes no other process", function()
    local program = ([[local peer = require("cqueues.socket").connect { path = %q }
      peer:connect() print "connected" io.stdout:flush() peer:read(1)]]):format(path)
    local pipe = io.popen(("exec %s -e '%s'"):format(script.lua, program))
    assert.equal("connected", pipe:read "*l")
    assert.is_false(mailbox:accept())
    pipe:close()
    assert.is_false(mailbox:accept())
  end)

  it("takes this process when another one came first", function()
    local program = ([[local peer = require("cqueues.socket").connect { path = %q }
      peer:connect() print "connected" io.stdout:flush() peer:read(1)]]):format(path)
    local pipe = io.popen(("exec %s -e '%s'"):format(script.lua, program))
    assert.equal("connected", pipe:read "*l")
    peer = connect()
    assert.is_true(mailbox:accept())
    pipe:close()
  end)

  it("leaves no file behind when it is closed or listened to anew", function()
    local other = assert(mailbox:listen())
    assert.equal("", run(("ls -d %s 2>/dev/null"):format(path:match "^(.*)/")))
    mailbox:close()
    assert.equal("", run(("ls -d %s 2>/dev/null"):format(other:match "^(.*)/")))
  end)

  it("sends a byte when a transfer has arrived, also one that came before", function()
    local box = sandbox.shared()
    local gs = clients.ghostealth(box)
    local function transfer(tag) return gs.session_:start(mailbox, tag, "GET", "/resellers", nil, 10, false) end
    local first = transfer(1)
    plain.sleep(0.1)
    peer = connect()
    assert.is_true(mailbox:accept())
    assert.equal("\0", peer:read(1))
    assert.equal(1, mailbox:take())
    local second = transfer(2)
    assert.equal("\0", peer:read(1))
    assert.equal(2, mailbox:take())
    assert.is_nil(mailbox:take())
    assert.equal(200, (first:reply()))
    assert.equal(200, (second:reply()))
  end)

  it("keeps what arrives when whoever listened is gone", function()
    local gs = clients.ghostealth(sandbox.shared())
    connect():close()
    assert.is_true(mailbox:accept())
    local transfer = gs.session_:start(mailbox, 7, "GET", "/resellers", nil, 10, false)
    assert.equal(7, mailbox:wait(10))
    assert.equal(200, (transfer:reply()))
    assert.is_table(reseller.parallel(1, { function() return gs:get_reseller() end })[1][1])
  end)

  it("lets go of what is in it, and of what still comes, when it is closed", function()
    local gs = clients.ghostealth(sandbox.shared())
    local function descriptors() return tonumber((run "ls /proc/$PPID/fd | wc -l")) end
    local function round()
      local box = core.mailbox()
      local first = gs.session_:start(box, 1, "GET", "/resellers", nil, 10, false)
      assert.is_truthy(cqueues.poll({ pollfd = box:fd(), events = "r" }, 10))
      local second = gs.session_:start(box, 2, "GET", "/resellers", nil, 10, false)
      box:close()
      first:close()
      second:close()
    end
    round()
    local before = descriptors()
    for _ = 1, 20 do round() end
    for _ = 1, 200 do
      if descriptors() <= before + 2 then break end -- a connection, and what the last round still has under way
      plain.sleep(0.01)
    end
    assert.is_true(descriptors() <= before + 2)
  end)
end)
