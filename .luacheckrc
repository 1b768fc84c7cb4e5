std = "min"
max_line_length = 100
files["spec"] = { std = "min+busted" }
files["sandbox"] = { std = "min+ngx_lua" }
exclude_files = { "build" }
