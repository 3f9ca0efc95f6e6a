--- A TLS server with a certificate of its own for `localhost`, from the openssl command.
local tls = {}

local Server = {}
Server.__index = Server

local function run(command)
  local ok = os.execute(command)
  assert(ok == true or ok == 0, command)
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

--- Starts a server.
---@param options? string more for `openssl s_server`
---@return table server with `port` and `certificate`, the file to trust
function tls.start(options)
  local folder = os.tmpname()
  os.remove(folder)
  run("mkdir " .. folder)
  local self = setmetatable({ folder = folder, certificate = folder .. "/cert.pem" }, Server)
  run(("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
    .. "-keyout %s/key.pem -out %s/cert.pem 2>/dev/null"):format(folder, folder))
  self.pipe = io.popen(("cd %s && echo $$ >pid && exec openssl s_server -accept 127.0.0.1:0 -key key.pem -cert cert.pem -HTTP %s "
    .. "-cipher DEFAULT:@SECLEVEL=0 >out 2>&1"):format(folder, options or ""), "w")
  for _ = 1, 500 do
    self.port = read(folder .. "/out"):match "ACCEPT [^\n]*:(%d+)"
    if self.port then return self end
    run "sleep 0.02"
  end
  error("the TLS server did not start: " .. read(folder .. "/out"))
end

function Server:stop()
  run("kill " .. read(self.folder .. "/pid"))
  self.pipe:close()
  run("rm -r " .. self.folder)
end

return tls
