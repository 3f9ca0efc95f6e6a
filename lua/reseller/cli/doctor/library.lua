--- Which libcurl this process really uses, and which certificates that one trusts by itself: told by the file that
--- is loaded, as libcurl tells it to C only.
local files = require "reseller.cli.files"

local library = {}

--- The file of libcurl among those that are mapped.
local function loaded(maps)
  return maps:match "%s(/%S*libcurl[%w%-]*%.so[%w%.]*)\n"
end

--- What is in the file.
---@param path string
---@param bytes string
---@return reseller.cli.doctor.Library
function library.of(path, bytes)
  local found = { path = path, version = bytes:match "%zlibcurl/(%d+%.%d+%.%d+)" }
  for text in bytes:gmatch "%z(/[%w%./_%-]+)%f[%z]" do
    local is_file = text:find "%.crt$" or text:find "%.pem$"
    if is_file then found.ca_file = found.ca_file or text end
    if text:find "/certs/?$" then found.ca_path = found.ca_path or text end
  end
  return found
end

---@class reseller.cli.doctor.Library
---@field path string
---@field version? string
---@field ca_file? string what is trusted unless the settings name something else
---@field ca_path? string

--- The libcurl of this process; nil where the system does not tell.
---@param read? fun(path: string): string?
---@return reseller.cli.doctor.Library?
function library.find(read)
  read = read or files.read
  local path = loaded(read "/proc/self/maps" or "")
  local bytes = path and read(path)
  return bytes and library.of(path, bytes) or nil
end

return library
