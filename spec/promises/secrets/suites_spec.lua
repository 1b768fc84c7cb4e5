-- Other suites, whose secrets are canaries: whatever they print and whatever any process of theirs
-- writes, removed or not, is searched for them afterwards. What is given the secrets may have them:
-- programs and configurations that the suites write, and what providers of theirs received.
--
-- SMS_TEST_LONG=1: all suites of rooms that make calls; in short a few.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local process = require "spec.support.process"
local search = require "spec.support.secrets.search"

local LONG = os.getenv "SMS_TEST_LONG"

local SUITES = { "call/events", "bulk/journal", "outbox/hygiene", "nginx/hooks/told",
  "command/campaign/results" }
local ROOMS = "bulk call client command gateway http incoming limits nginx outbox promises/never_*"
  .. " promises/outbox providers runtime wire"
local OTHERS = "memory|soak|fuzz" -- that look at the process itself, or take hours

local CANARIES = { SECRET = "Secret0123456789", SIGNATURE = "SIGSECRETforTests0123456789abcdef",
  PASSWORD = "cAnAryPassword" }

-- The suites' own Retarus has a password that is a word like any other: it becomes a canary.
local COPY = [[
  for part in lua spec sandbox bin examples docs tools packaging; do
    [ ! -e $part ] || cp -r $part @folder@/
  done
  ln -s @build@ @folder@/build
  mkdir -p @folder@/files/kept
  chmod 711 @folder@ @folder@/files
  chmod 1777 @folder@/files/kept
  cd @folder@
  user=$(printf user:@PASSWORD@ | base64) other=$(printf other:@PASSWORD@ | base64)
  find spec sandbox -name '*.lua' -exec sed -i -e 's/"pass"/"@PASSWORD@"/g' \
    -e 's/PASSWORD=pass\>/PASSWORD=@PASSWORD@/g' -e "s/dXNlcjpwYXNz/$user/g" \
    -e "s/b3RoZXI6cGFzcw==/$other/g" {} +
]]

local RUN = [[
  cd @folder@ && LUA_PATH='./lua/?.lua;./lua/?/init.lua;./?.lua;;' SMS_TEST_LONG= \
    LUA_CPATH='@build@/luajit/?.so;;' LUA_CPATH_5_4='@build@/5.4/?.so;;' TMPDIR=@folder@/files \
    LD_PRELOAD=@build@/preload/kept_files.so \
    timeout --foreground -k 10 600 @lua@ /usr/bin/busted -o TAP spec/@suite@_spec.lua
]]

-- Names of files that are given secrets: what a provider received, what it is configured with, and
-- what it signs.
local GIVEN = { "[./]environment$", "[./]requests$", "[./]replies$", "%.conf$", "%.lua$",
  "[./]credentials$", "%.key$", "%.pem$", "%.signed$" }

--- Whether a file has secrets because somebody has put them there; programs, too.
local function is_given(path, text)
  for _, pattern in ipairs(GIVEN) do
    if path:find(pattern) then return true end
  end
  return (loadstring or load)(text) ~= nil -- luacheck: ignore 113
end

describe("After another suite nothing is left of secrets in what was written:", function()
  local values = { PASSWORD = CANARIES.PASSWORD }
  local given, files, failed = 0, 0, 0

  local function shell(command)
    return child.shell((command:gsub("@(%a+)@", values)))
  end

  setup(function()
    values.folder = process.output_of "mktemp -d"
    values.build = process.output_of("cd " .. child.quoted(build.folder) .. " && pwd")
    local ended = shell(COPY)
    assert.equal("0 ", ended.status .. " " .. ended.err)
  end)
  teardown(function() shell "rm -rf @folder@" end)

  --- Looks at all files that there are, and takes them away.
  local function search_files()
    local problems = {}
    for path in shell("find @folder@/files -type f -size +0").out:gmatch "[^\n]+" do
      local text = process.read(path) or ""
      local found = search.text(text, CANARIES, path)
      files = files + 1
      if found ~= "" and is_given(path, text) then
        given = given + 1
      elseif found ~= "" then
        problems[#problems + 1] = found
      end
    end
    shell "find @folder@/files -type f -delete"
    return table.concat(problems, "\n")
  end

  local function check(suite)
    values.suite = suite
    values.lua = suite:find "nginx" and "luajit" or child.interpreter
    local ended = shell(RUN)
    assert.equal("", search.text(ended.out .. ended.err, CANARIES, "what is printed"))
    assert.equal("", search_files())
    assert.matches("\nok %d", "\n" .. ended.out) -- what fails there, its own run tells
    failed = failed + (ended.status == 0 and 0 or 1)
  end

  local suites = SUITES
  if LONG then
    suites = {}
    local find = ("cd spec && find %s -name '*_spec.lua' | grep -vE '%s' | sort"):format(ROOMS,
      OTHERS)
    for name in process.output_of(find):gmatch "([^\n]+)_spec%.lua" do
      suites[#suites + 1] = name
    end
  end

  for _, suite in ipairs(suites) do
    it(suite, function()
      if build.is_sanitized then return pending "its run time comes first" end
      check(suite)
    end)
  end

  it("and they were there, where they were given", function()
    if build.is_sanitized then return pending "its run time comes first" end
    print(("# %d suites, %d of which failed; %d files, %d of which were given secrets"):format(
      #suites, failed, files, given))
    assert.is_true(given > 0 and files > given)
  end)
end)
