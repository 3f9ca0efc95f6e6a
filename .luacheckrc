std = "min"
max_line_length = 120
exclude_files = { "build*" }
files["spec"] = { std = "min+busted", max_line_length = false, ignore = { "143" } } -- 143: stubs of os.time and the like
for _, name in ipairs { "host/nginx", "limiter/nginx", "limiter/redis" } do
  files["lua/reseller/" .. name .. ".lua"] = { std = "min+ngx_lua" }
end
files["lua/reseller/cli"] = { std = "min+lua54" }
files["examples/openresty"] = { std = "min+ngx_lua" }
