-- The programs of the benchmark do what they are compared by. No figure of theirs is looked at.

local cells = require "bench.cells"
local child = require "spec.support.child"
local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local programs = require "bench.programs"
local raw_server = require "spec.support.servers.raw_server"

local MOST_SIDE_BY_SIDE = 4
local PATIENCE = 10 -- seconds for the server to come up
local NO_PROXY = { http_proxy = false, https_proxy = false, all_proxy = false,
  HTTPS_PROXY = false, ALL_PROXY = false }

local build -- the yardstick is compiled there

local function filled_in(command, ca)
  return (command:gsub("%$%u+", { ["$BUILD"] = build, ["$CA"] = ca or "" }))
end

-- The yardstick, and what is installed for the running Lua.
local function runnable()
  local list = {}
  for _, program in ipairs(programs) do
    local own = program[1] == "raw" or program.command:find("^" .. child.interpreter .. " ")
    if own and (not program.probe or child.shell(filled_in(program.probe)).status == 0) then
      list[#list + 1] = program
    end
  end
  return #list > 1 and list or pending("the benchmark has no programs for " .. _VERSION)
end

local function can(program, skill)
  for _, known in ipairs(program.can) do
    if known == skill then return true end
  end
  return false
end

local function is_able(program, cell)
  return (not program.cell or program.cell == cell[1]) and can(program, cell.work)
    and (cell.in_flight == 1 or can(program, "side by side"))
    and (not cell.tls or can(program, "tls")) and (not cell.http2 or can(program, "http2"))
end

local function run_once(program, arguments, ca)
  local file = program.command:match "^lua%S+ (%S+)$"
  if file then
    return child.run(file, arguments, NO_PROXY)
  end
  local words = { filled_in(program.command, ca) }
  for i, argument in ipairs(arguments) do words[i + 1] = child.quoted(argument) end
  return child.shell(table.concat(words, " "))
end

local function run(program, ...)
  local ended
  for _ = 1, program.tries or 1 do
    ended = run_once(program, ...)
    if ended.status == 0 then break end
  end
  return ended
end

setup(function()
  build = process.output_of "mktemp -d"
  local made = child.shell(("mkdir %s/bench && cc -std=c99 -D_GNU_SOURCE -Wall -Wextra -Werror "
    .. "-o %s/bench/raw bench/raw.c bench/raw_work.c $(pkg-config --cflags --libs libcurl)")
    :format(build, build))
  assert.equal(0, made.status, made.err)
end)
teardown(function() child.shell("rm -r " .. child.quoted(build)) end)

describe("The benchmark's programs", function()
  local folder, pid, url, tls_url, ca

  setup(function()
    folder = process.output_of "mktemp -d"
    ca = folder .. "/ca.pem"
    local port, tls_port = nginx.free_port(), nginx.free_port()
    url, tls_url = "http://127.0.0.1:" .. port, "https://127.0.0.1:" .. tls_port
    pid = tonumber(process.output_of(("bench/server %s %d %d >/dev/null 2>%s/log & echo $!")
      :format(folder, port, tls_port, folder)))
    process.wait("the server to start", PATIENCE, function()
      return process.read(folder .. "/nginx.pid")
    end)
  end)
  teardown(function()
    process.signal("TERM", pid)
    child.shell("rm -r " .. child.quoted(folder))
  end)

  for _, cell in ipairs(cells) do
    it("make the calls of: " .. cell.title, function()
      local tried = 0
      for _, program in ipairs(runnable()) do
        if is_able(program, cell) then
          local server = (cell.tls and tls_url or url) .. (program.below or "")
          local ended = run(program, { cell.work, server, "5",
            tostring(math.min(cell.in_flight, MOST_SIDE_BY_SIDE)), cell.http2 and "2" or "1.1",
            ca }, ca)
          assert.equal(0, ended.status, program.title .. ": " .. ended.err)
          assert.matches("^%d+%.%d+ %d+%.%d+\n$", ended.out)
          tried = tried + 1
        end
      end
      assert.is_true(tried >= 2)
    end)
  end

  it("of another commit make the same calls", function()
    runnable()
    local ended = child.run("bench/beside.lua", { "sms", url, "5", "2", "1.1", ca },
      { BESIDE = "." })
    assert.equal(0, ended.status, ended.err)
    assert.matches("^%d+%.%d+ %d+%.%d+\n$", ended.out)
  end)

  it("trust nobody but the given CA", function()
    for _, program in ipairs(runnable()) do
      if can(program, "tls") and can(program, "side by side") then
        local ended = run(program, { "sms", tls_url, "1", "2", "1.1",
          "/etc/ssl/certs/ca-certificates.crt" })
        assert.not_equal(0, ended.status, program.title)
      end
    end
  end)
end)

describe("The benchmark's programs, on the wire,", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  -- Head (what comes first, and headers by name) and body of the first request of a work.
  -- The answer does for none of them, so that there is no second one.
  local function first_request(program, work)
    server:forget()
    server:reply(raw_server.http(400, "{}"))
    run(program, { work, server.url, "1", "1", "1.1", "/dev/null" })
    local text = assert(server:requests()[1], program.title).text
    local first, lines, body = text:match "^(.-)\r\n(.-\r\n)\r\n(.*)$"
    local headers = {}
    for name, value in lines:gmatch "([^:]+): *(.-)\r\n" do headers[name:lower()] = value end
    return { first = first, headers = headers, body = body }
  end

  for _, work in ipairs { "sms", "tables", "strings", "report" } do
    it("send the same: " .. work, function()
      local expected
      for _, program in ipairs(runnable()) do
        if can(program, work) then
          local got = first_request(program, work)
          expected = expected or got
          assert.equal(expected.first, got.first, program.title)
          for _, name in ipairs { "accept", "authorization", "content-type", "content-length" } do
            assert.equal(expected.headers[name], got.headers[name], program.title .. ": " .. name)
          end
          if expected.headers["content-type"] == "application/json" then
            assert.same(cjson.decode(expected.body), cjson.decode(got.body), program.title)
          else
            assert.equal(expected.body, got.body, program.title)
          end
        end
      end
    end)
  end

  it("the library sends what the yardstick sends, to the letter", function()
    for _, work in ipairs { "sms", "tables", "strings", "report" } do
      local expected
      for _, program in ipairs(runnable()) do
        if program[1] == "raw" or program.command:find "library" then
          local got = first_request(program, work)
          got.headers["user-agent"] = got.headers["user-agent"] ~= nil -- it has a version
          expected = expected or got
          assert.same(expected, got)
        end
      end
    end
  end)
end)

describe("The benchmark's command", function()
  it("names the cells, and says what it does not know", function()
    local ended = child.shell "bench/run --help"
    assert.equal(0, ended.status)
    for _, cell in ipairs(cells) do
      assert.matches(("\n  %s +%s\n"):format(cell[1], cell.title:gsub("%p", "%%%0")), ended.out)
    end
    ended = child.shell "bench/run one two"
    assert.equal(2, ended.status)
    assert.matches("^bench: there is no cell 'two'; there are: one many .* nginx outbox\n$",
      ended.err)
    assert.same(ended, child.shell "./dev bench one two") -- before it installs anything
    ended = child.shell "./dev bench --beside nothing one"
    assert.same({ 2, "dev: there is no commit 'nothing'\n" }, { ended.status, ended.err })
    ended = child.shell "ROUNDS=x bench/run one"
    assert.equal(2, ended.status)
    assert.matches("ROUNDS must be a number from 1 on, not 'x'", ended.err)
  end)

  it("compares the library with that of another commit alone", function()
    local ended = child.run("bench/plan.lua", { "1", "http://x", "https://x", "/ca", "one" },
      { BUILD = build, BESIDE = "." })
    local order = {}
    for name in ended.out:gmatch "rate\tone\t(%S+)" do order[#order + 1] = name end
    assert.same({ "raw", "lua", "luajit", "lua_beside", "luajit_beside" }, order)
  end)

  it("has the library over TLS open a connection for each call, too", function()
    local plan = child.run("bench/plan.lua", { "1", "http://x", "https://x", "/ca", "tls" }).out
    assert.matches("\tclosing\t1\t1500\t[^\n]+\thttps://x/closing\t1500\t64\t", plan)
  end)
  it("runs every program once a round, each one first in turn", function()
    local ended = child.run("bench/plan.lua", { "2", "http://x", "https://x", "/ca", "http2" },
      { BUILD = build })
    local order = {}
    for name, url in ended.out:gmatch "rate\thttp2\t(%S+)[^\n]-(https?://%S+)" do
      assert.equal("https://x", url)
      order[#order + 1] = name
    end
    assert.same({ "raw", "lua", "luajit" }, { order[1], order[2], order[3] })
    local once = #order / 2
    assert.same({ "lua", "luajit" }, { order[once + 1], order[once + 2] })
    assert.equal("raw", order[#order])
  end)

  it("prints medians of the ratios within a round", function()
    local results = os.tmpname()
    finally(function() os.remove(results) end)
    local file = assert(io.open(results, "w"))
    file:write("about date D\nabout lua-sms 1\nabout Lua 2\nabout LuaJIT 3\nabout libcurl 4\n"
      .. "about nginx 5\nabout cores 2\nabout rounds 3\n")
    for round, seconds in ipairs { { 1, 2 }, { 10, 40 }, { 1, 1 } } do
      file:write(("rate one raw %d 1000 %d 1\nrate one lua %d 1000 %d 3\n")
        :format(round, seconds[1], round, seconds[2]))
    end
    file:write("instructions one raw 10 1100\ninstructions one raw 30 3100\n"
      .. "instructions one lua 10 2250\ninstructions one lua 30 6250\n")
    file:close()
    local ended = child.run("bench/report.lua", { results })
    assert.equal("", ended.err)
    assert.matches("\n| libcurl alone, in C | 1,000 |\n| lua%-sms, Lua 5%.4 | 0%.50 |\n", ended.out)
    assert.matches("\n| libcurl alone, in C | 100 |\n| lua%-sms, Lua 5%.4 | 2%.00 |\n", ended.out)
    assert.matches("0%.50  0%.25 to 1%.00 +3000%.0 +3%.00 +200 +2%.00\n", ended.out)
  end)
end)
