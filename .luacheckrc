std = "min"
max_line_length = 100
read_globals = { -- of one Lua alone, asked for before use
  math = { fields = { "tointeger", "type" } },
  package = { fields = { "searchpath" } },
  table = { fields = { "unpack" } },
  "jit",
  "newproxy",
  "unpack",
}
files["spec"] = { std = "min+busted" }
files["spec/fuzz"] = { std = "lua54", globals = { "FUZZ_FOLDER" } } -- their programs are in it
files["spec/support/nginx"] = { std = "min+ngx_lua" }
files["docs"] = { max_string_line_length = false } -- pages and types, in one line as they come out
files["sandbox"] = { std = "min+ngx_lua" }
files["sandbox/spec"] = { std = "min" }
exclude_files = { "build" }
