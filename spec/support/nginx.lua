--- Starts nginx with its Lua module in a folder of its own, on a unix socket, and asks it for pages. It ends with
--- the process that started it.
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local script = require "spec.support.script"

local START_SECONDS = 15
local CALL_SECONDS = 60
local MODULES = "/usr/lib/nginx/modules/"

local nginx = {}

local Nginx = {}
Nginx.__index = Nginx

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

--- One line of what a command prints.
local function line_of(command)
  local pipe = io.popen(command)
  local line = pipe:read "*l"
  pipe:close()
  return line
end

local conf = [[
%s
load_module %sndk_http_module.so;
load_module %sngx_http_lua_module.so;
worker_processes %d;
pid %s/pid;
error_log %s/error.log notice;
events { worker_connections 1024; }
%s
http {
  access_log off;
  client_body_temp_path %s/body;
  proxy_temp_path %s/proxy;
  fastcgi_temp_path %s/fastcgi;
  uwsgi_temp_path %s/uwsgi;
  scgi_temp_path %s/scgi;
  lua_package_path "%s;;";
  lua_package_cpath "%s;;";
  %s
  server {
    listen unix:%s/socket backlog=1024;
    %s
  }
}
]]

local function configuration(self, options)
  local top, folder = line_of "pwd", self.folder
  local user = line_of "id -u" == "0" and "user root;" or ""
  local path = options.one_file and folder .. "/?.lua" or ("%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua"):format(top, top, folder)
  local cpath = options.one_file and folder .. "/?.so" or ("%s/build/lib/lua/5.1/?.so"):format(top)
  return conf:format(user, MODULES, MODULES, options.workers or 1, folder, folder, options.main or "", folder, folder,
    folder, folder, folder, path, cpath, options.http or "", folder, options.server or "")
end

local function await(condition, seconds, what)
  local deadline = cqueues.monotime() + seconds
  while not condition() do
    if cqueues.monotime() > deadline then error(what(), 3) end
    cqueues.sleep(0.01)
  end
end

--- Starts nginx and waits until it answers.
---@param options {server: string, http?: string, main?: string, workers?: integer, files?: table<string, string>,
---  prepare?: string, one_file?: boolean} text for the blocks of that name, in which FOLDER stands for its own; files
--- beside it, and a command that makes more of them; whether the module is a reseller.so in that folder
---@return table
function nginx.start(options)
  local self = setmetatable({ folder = script.folder() }, Nginx)
  for name, text in pairs(options.files or {}) do write(self.folder .. "/" .. name, text) end
  if options.prepare then os.execute(("cd %s && %s >/dev/null 2>&1"):format(self.folder, options.prepare)) end
  write(self.folder .. "/nginx.conf", (configuration(self, options):gsub("FOLDER", self.folder)))
  local run = "cd %s && env -u LD_PRELOAD nginx -p %s -c nginx.conf -e error.log -g 'daemon off;' >out 2>&1 & pid=$!; "
    .. "read _; kill -TERM $pid 2>/dev/null; wait $pid; echo $? >%s/status"
  self.pipe = io.popen(run:format(self.folder, self.folder, self.folder), "w")
  await(function() return self:answers_() end, START_SECONDS, function()
    return "nginx did not start: " .. read(self.folder .. "/out") .. self:log()
  end)
  return self
end

function Nginx:connect()
  local peer = socket.connect { path = self.folder .. "/socket" }
  peer:onerror(function(_, _, code) return code end)
  peer:setmode("b", "bf")
  peer:settimeout(CALL_SECONDS)
  assert(peer:connect())
  return peer
end

function Nginx:answers_()
  if not read(self.folder .. "/pid"):find "%d" then return false end
  local ok, peer = pcall(self.connect, self)
  if ok then peer:close() end
  return ok
end

--- What is left to read of a reply.
local function read_reply(peer)
  local status = (peer:read "*L" or ""):match "^HTTP/1.1 (%d+)"
  for line in function() return peer:read "*l" end do
    if line == "\r" or line == "" then break end
  end
  local body = status and peer:read "*a"
  peer:close()
  return body, tonumber(status)
end

--- Sends for a page.
---@return fun(): string, integer reply waits for it: body and status
function Nginx:send(path)
  local peer = self:connect()
  peer:write(("GET %s HTTP/1.0\r\nhost: spec\r\n\r\n"):format(path))
  peer:flush()
  return function() return read_reply(peer) end, peer
end

--- Fetches a page.
---@return string|nil body
---@return integer|nil status
function Nginx:get(path) return self:send(path)() end

--- Fetches pages all at once.
---@return string[] bodies
function Nginx:get_all(paths)
  local replies, bodies = {}, {}
  for i, path in ipairs(paths) do replies[i] = self:send(path) end
  for i, reply in ipairs(replies) do bodies[i] = reply() or "" end
  return bodies
end

--- What nginx has to say, of a level if one is given.
function Nginx:log(level)
  local log, lines = read(self.folder .. "/error.log"), {}
  if not level then return log end
  for line in log:gmatch "[^\n]+" do
    if line:find("[" .. level .. "]", 1, true) then lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n")
end

function Nginx:pid_() return read(self.folder .. "/pid"):match "%d+" end

function Nginx:signal(name) os.execute(("kill -%s %s"):format(name, self:pid_())) end

--- The processes that work for it, those that are about to end too.
---@return string[] pids
function Nginx:workers()
  local pids, pipe = {}, io.popen("pgrep -P " .. self:pid_())
  for pid in pipe:lines() do pids[#pids + 1] = pid end
  pipe:close()
  return pids
end

--- Waits until nginx is gone.
---@return number seconds, integer status
function Nginx:await_end(seconds)
  local start = cqueues.monotime()
  local pid = self:pid_()
  local function is_gone() return not pid or not read("/proc/" .. pid .. "/stat"):find "%) [^ZX]" end
  await(is_gone, seconds or START_SECONDS, function() return "nginx did not end: " .. self:log() end)
  local took = cqueues.monotime() - start
  self.pipe:write "\n"
  self.pipe:close()
  self.pipe = nil
  return took, tonumber(read(self.folder .. "/status"))
end

--- Ends nginx and removes what it left.
function Nginx:stop()
  if self.pipe then
    self:signal "TERM"
    self:await_end()
  end
  script.remove(self.folder)
end

return nginx
