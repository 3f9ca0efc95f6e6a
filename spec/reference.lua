--- Writes the types for editors (lua/reseller/meta.lua) and a reference page for each platform
--- (lua/reseller/reference): from the endpoint table, the data model in spec/reference, and the annotations of the
--- sources. From the top of the project:
---
---     lua5.4 spec/reference.lua            rewrites them
---     lua5.4 spec/reference.lua --check    writes nothing; ends with 1 if one of them would change
local meta = require "spec.reference.meta"
local model = require "spec.reference.model"
local page = require "spec.reference.page"
local text = require "spec.reference.text"

model.check()
local files = { { path = "lua/reseller/meta.lua", content = meta.write() } }
for _, platform in ipairs(model.order) do
  files[#files + 1] = { path = ("lua/reseller/reference/%s.md"):format(platform), content = page.write(platform) }
end
text.finish(files, "spec/reference.lua", arg[1])
