--- Checks which certificates are trusted: the file or folder must be there and hold some.
local files = require "reseller.cli.files"

local trust = {}

local PLACES = { "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem" }

local OWN = "libcurl's own"

local function count(text)
  local found = 0
  for _ in text:gmatch "%-%-%-%-%-BEGIN [%u ]*CERTIFICATE%-%-%-%-%-" do found = found + 1 end
  return found
end

local function hint_for(path)
  for _, place in ipairs(PLACES) do
    if place ~= path and files.exists(place) then return ("set ca_file = %q in config.lua"):format(place) end
  end
  return "apt-get install ca-certificates, or name the file of your certificates as ca_file"
end

local function check_file(report, check, path, whence)
  local text, why = files.read(path)
  local found = text and count(text) or 0
  if found > 0 then return report:ok(check, ("%s, %d certificates (%s)"):format(path, found, whence)) end
  report:failed(check, ("%s: %s (%s)"):format(path, why or "there is no certificate in it", whence), hint_for(path))
end

local function check_folder(report, check, path, whence, world)
  local found = 0
  local ok = world.lfs and pcall(function()
    for name in world.lfs.dir(path) do
      if name:find "^%x+%.%d+$" then found = found + 1 end
    end
  end)
  if ok == nil then return report:ok(check, ("%s (%s)"):format(path, whence)) end
  if found > 0 then return report:ok(check, ("%s, %d certificates (%s)"):format(path, found, whence)) end
  local why = ok and "no certificates by their hash" or "it cannot be read"
  report:failed(check, ("%s: %s (%s)"):format(path, why, whence), "run c_rehash there, or name a file as ca_file")
end

--- The trust of one platform.
---@param report reseller.cli.doctor.Report
---@param context reseller.cli.Context
---@param platform string
---@param title string
---@param library reseller.cli.doctor.Library|nil
function trust.check(report, context, platform, title, library)
  local check = title .. " trust"
  local file, file_source = context.settings:get("ca_file", platform)
  local folder, folder_source = context.settings:get("ca_path", platform)
  if file then check_file(report, check, files.expand(context.world, file), "ca_file, " .. file_source) end
  if folder then
    check_folder(report, check, files.expand(context.world, folder), "ca_path, " .. folder_source, context.world)
  end
  if file or folder then return end
  library = library or {}
  if library.ca_file then return check_file(report, check, library.ca_file, OWN) end
  if library.ca_path then return check_folder(report, check, library.ca_path, OWN, context.world) end
  report:ok(check, "what libcurl was built with; it cannot be told here")
end

return trust
