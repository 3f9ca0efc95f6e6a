--- A PostgreSQL server for one program: in a folder of its own, on a socket of its own, without a port. It
--- does not run as root: there it runs as `postgres`, the user that comes with the package.

local postgres = {}

--- What a command prints. A sanitizer that is loaded into this program does not go into the server.
local function output(command)
  local pipe = assert(io.popen("unset LD_PRELOAD; " .. command))
  local text = pipe:read "*a"
  pipe:close()
  return (text:gsub("%s+$", ""))
end

---@class spec.Postgres
---@field address string
local Server = {}
Server.__index = Server

--- Runs a command as a user that the server accepts; raises with what it said when it fails.
function Server:run_(command)
  local text = output(("cd / && %s%s 2>&1 || echo FAILED"):format(self.prefix_, command))
  if text:find "FAILED$" then error(("%s: %s"):format(command, text), 0) end
end

function Server:control_(words)
  self:run_(("%s/pg_ctl -D %s/data -l %s/log -w %s"):format(self.programs_, self.folder_, self.folder_, words))
end

--- Starts a server.
---@return spec.Postgres
function postgres.start()
  local folder, root = os.tmpname(), output "id -u" == "0"
  os.remove(folder)
  local self = setmetatable({ folder_ = folder, prefix_ = root and "runuser -u postgres -- " or "" }, Server)
  self.programs_ = output "ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1"
  if self.programs_ == "" then self.programs_ = output "pg_config --bindir" end
  output(("install -d -m 700 %s %s"):format(root and "-o postgres" or "", folder))
  self:run_(("%s/initdb -D %s/data -A trust -U proof --no-sync"):format(self.programs_, folder))
  self:control_(("-o '-k %s -c listen_addresses= -c max_connections=30' start"):format(folder))
  self.address = ("postgres://proof@/postgres?host=%s"):format(folder)
  return self
end

--- Changes a setting of the running server.
function Server:set(name, value)
  self:run_(("%s/psql -q -h %s -U proof -d postgres -c \"ALTER SYSTEM SET %s = %s\" -c \"SELECT pg_reload_conf()\" -o /dev/null")
    :format(self.programs_, self.folder_, name, value))
  for _ = 1, 100 do
    local now = output(("%s/psql -h %s -U proof -d postgres -Atc 'SHOW %s'"):format(self.programs_, self.folder_, name))
    if now == value then return end
  end
  error(("%s does not become %s"):format(name, value), 2)
end

--- Ends the server and removes its folder.
function Server:stop()
  self:control_ "-m fast stop"
  output("rm -r " .. self.folder_)
end

return postgres
