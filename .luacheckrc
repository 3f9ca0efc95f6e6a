std = "min"
max_line_length = 120
exclude_files = { "build*" }
files["spec"] = { std = "min+busted", max_line_length = false, ignore = { "143" } } -- 143: stubs of os.time and the like
