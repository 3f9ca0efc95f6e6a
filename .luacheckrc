std = "min"
max_line_length = 120
exclude_files = { "build*" }
files["spec"] = { std = "min+busted" }
files["spec"].max_line_length = false
