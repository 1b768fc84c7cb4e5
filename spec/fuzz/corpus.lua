-- Makes the corpus anew, from spec/cases: lua5.4 spec/fuzz/corpus.lua, in the checkout, with the
-- paths of CONTRIBUTING.md. Files that runs have added to it stay.

local cjson = require "cjson"
local fields = require "spec.support.declared.fields"
local replies = require "spec.cases.replies"
local versions = require "spec.kept.versions"
local webhook_cases = require "spec.cases.webhooks"
local webhooks = require "spec.support.servers.webhooks"

local function write(target, name, bytes)
  local folder = "spec/fuzz/corpus/" .. target
  assert(os.execute("mkdir -p " .. folder))
  local file = assert(io.open(("%s/%s"):format(folder, name), "wb"))
  file:write(bytes)
  file:close()
end

local function write_all(target, list)
  for i, bytes in ipairs(list) do
    write(target, ("%03d"):format(i), bytes)
  end
end

-- The places of shapes are those of reply.lua.
local function make_replies()
  local list = {}
  for _, case in ipairs(replies.read) do list[#list + 1] = "\0" .. case[1] end
  for _, case in ipairs(replies.wrong) do list[#list + 1] = "\0" .. case[1] end
  local place, places = 0, {}
  for _, each in ipairs(fields.declared()) do
    if each.returns and each.returns.type ~= "any" then
      place = place + 1
      places[each.name] = string.char(place)
    end
  end
  for _, case in ipairs(require "spec.cases.nexmo_replies") do
    list[#list + 1] = assert(places[case[2]], case[2]) .. case[3]
  end
  write_all("reply", list)
end

local function make_webhooks()
  local list = {}
  local params = { webhook_cases.receipt, webhook_cases.call, webhook_cases.inbound,
    webhook_cases.changed(webhook_cases.inbound, { text = "Füße\n5 € 100 %", type = "unicode" }) }
  for i, of in ipairs(params) do
    for j, form in ipairs(webhooks.forms) do
      local which = (i + j) % #webhooks.methods
      local signed = webhooks.signed(of, webhooks.methods[which + 1])
      local request = webhooks.request(form, signed)
      local how = (request.method == "GET" and 1 or 0) + (form == "json" and 2 or 0) + 8 * which
      list[#list + 1] = string.char(how, 0) .. (request.query or request.body)
    end
    local body = webhooks.json(of)
    local token = webhooks.token(webhooks.header, webhooks.claims(body, 1700000000))
    local request = webhooks.with_token(body, token)
    list[#list + 1] = "\2\1" .. request.headers.Authorization .. "\n" .. body
  end
  write_all("webhook", list)
end

local function make_texts()
  local list = { "", "a", ("a"):rep(160), ("a"):rep(161),
    "[€]^{}", ("é"):rep(71), "😀", "\237\160\128", "\192\128", "\244\144\128\128", "a\0b",
    "+44 (0)7700 900000", "00447700900000", "Acme Ltd",
    "-12.0", "1e400", "9007199254740993", '"\\ud83d\\ude00\\u0000"', '{"a":[1,2.5e-3,null]}',
    ("["):rep(1200), "[::1]:80", "127.0.0.1", "example.com,.example.org" }
  write_all("measure", list)
end

-- The lowest, -1, 0, 1, the highest, the origin of all in a file, and the first that is one.
local ZEROS = ("\0"):rep(7)
local TIMES = { ZEROS .. "\128", ("\255"):rep(8), ZEROS .. "\0", "\1" .. ZEROS,
  ("\255"):rep(7) .. "\127", ZEROS .. "\64", "\1" .. ("\0"):rep(6) .. "\64" }

-- By the numbers of the steps in slots.c.
local function make_slots()
  local overwrite, time, cut, reopen, acquire, settle, hold, advance, ask =
    "\0", "\1", "\2", "\3", "\4\0\0", "\5\1", "\6\0\1\0\0\3", "\7\64\66\15\0", "\8\0\3\1\0\0\0"
  local function put(at, bytes)
    return overwrite .. string.char(at, 0, #bytes) .. bytes
  end
  local list = { acquire .. settle .. ask, acquire:rep(6) .. ask .. advance .. acquire,
    hold .. acquire .. ask, cut .. "\100\0" .. acquire .. ask, cut .. "\1\2" .. acquire .. ask,
    put(0, ("\255"):rep(64)) .. reopen .. acquire, put(12, "\255\255\0\0") .. reopen .. ask }
  for _, word in ipairs { 16, 19, 48, 56, 57 } do
    for _, value in ipairs(TIMES) do
      list[#list + 1] = time .. value .. string.char(word) .. ask .. acquire .. settle .. ask
        .. advance .. acquire
    end
  end
  write_all("slots", list)
end

-- By the numbers of the steps in journal.c.
local function make_journals()
  local version = assert(next(versions))
  local kept = assert(io.open(("spec/kept/%s/journal"):format(version), "rb"))
  local whole = kept:read "a"
  kept:close()
  local begin, finish, reopen = "\0\2\0", "\1\0\0", "\2"
  local list = { "\0" .. begin .. finish .. reopen, "\0" .. begin:rep(3) .. reopen .. finish,
    "\2" .. begin .. reopen .. finish .. reopen, "\0" .. begin .. "\3\64\0\5\3" .. reopen,
    "\0" .. begin .. "\4\150\0" .. reopen .. begin, "\1" .. whole, "\1" .. whole:sub(1, 64),
    "\1" .. whole:sub(1, 100), "\1" .. ("\0"):rep(128), "\1" }
  write_all("journal", list)
end

-- Kinds of values are those of values.lua: a word is "\10", a text "\9", a list "\12", a record
-- "\13".
local function make_params()
  local list = {}
  for place = 0, 40, 3 do
    for field = 0, 9, 3 do
      list[#list + 1] = string.char(place, 2, field, 9, 5) .. "hello"
        .. string.char(field + 1, 10, 0)
    end
  end
  write_all("params", list)
end

local function make_arguments()
  local list = {}
  for which = 0, 60 do
    list[#list + 1] = string.char(which, 2, 10, 0, 3, 7, 128, 0, 1, 3, 1)
    list[#list + 1] = string.char(which, 1, 12, 1, 13, 5, 0, 3, 6, 2, 3, 2, 3, 3, 1, 4, 9, 1) .. "a"
      .. string.char(129, 1, 9, 7) .. cjson.encode { a = 1 }
  end
  write_all("arguments", list)
end

make_replies()
make_webhooks()
make_texts()
make_slots()
make_journals()
make_params()
make_arguments()
