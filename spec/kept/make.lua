-- Makes a journal, a file of slots, records of receipts and inbound texts, and what the command
-- keeps, as the present version writes them, for spec/kept/VERSION:
--
--   lua5.4 spec/kept/make.lua VERSION        with the paths of CONTRIBUTING.md, in the checkout
--
-- Once a version is released its files stay as they are.

local cjson = require "cjson"
local core = require "sms.core"
local ledgers = require "sms.bulk.items.ledger"
local sandbox = require "spec.support.servers.sandbox"
local run = require "spec.support.runs.command"
local sms = require "sms"

local version = assert(arg[1], "which version")
local folder = "spec/kept/" .. version

local MADE = [[
-- What spec/kept/make.lua made the files beside this one of.

return {
  at = %d, -- the time of the slots, in microseconds, as the library's clock tells it
  calls = 5, period = 60, used = 3,
  items = {
    { from = "Acme", to = "447700900001", text = "Hello", ["client-ref"] = "accepted" },
    { from = "Acme", to = "447700900002", text = "Grüße, 5 € für Łukasz", ttl = 60000,
      ["status-report-req"] = true, ["message-class"] = 0, ["client-ref"] = "also accepted" },
    { from = "Acme", to = "447700900003", text = "Hello", ["client-ref"] = "refused" },
    { from = "Acme", to = "447700900004", txt = "Hello", ["client-ref"] = "invalid" },
    { from = "Acme", to = "447700900005", text = "Hello", ["client-ref"] = "ambiguous" },
    { from = "Acme", to = "447700900006", text = "Hello", ["client-ref"] = "not sent" },
    { from = "Acme", to = "447700900007", text = "Hello", ["client-ref"] = "begun" },
    { from = "Acme", to = "447700900008", text = "Hello", ["client-ref"] = "new" },
  },
  command = { "send", "--provider", "nexmo", "--from", "Acme", "--to", "447700900000",
    "--key", "order-17", "Grüße" },
  csv = "number,text,ref\n+447700900001,Hello Łukasz,r-1\n+447700900002,\"Hello, 5 €\",r-2\n",
  one_more = "+447700900003,Hello,r-3\n",
  result = { ["message-count"] = "2", messages = { { status = "0", ["message-id"] = "0A1" },
    { status = "0", ["message-id"] = "0A2" } } },
  receipts = {
    { messageId = "0A1", status = "delivered", msisdn = "447700900000", to = "Acme",
      ["message-timestamp"] = "2030-01-01 12:00:00" },
    { messageId = "0A2", status = "delivered", msisdn = "447700900000", to = "Acme",
      ["message-timestamp"] = "2030-01-01 12:00:01" },
  },
  now = 1900000000, -- when the first part of a text came, seconds since 1970
  parts = {
    { messageId = "0B1", msisdn = "447700900001", to = "447700900500", type = "unicode",
      text = "Grü", concat = "true", ["concat-ref"] = "17", ["concat-total"] = "2",
      ["concat-part"] = "1" },
    { messageId = "0B2", msisdn = "447700900001", to = "447700900500", type = "unicode",
      text = "ße", concat = "true", ["concat-ref"] = "17", ["concat-total"] = "2",
      ["concat-part"] = "2" },
  },
}
]]

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(name, text)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*l"
  pipe:close()
  return text
end

local box = sandbox.start()

local function client(limit, slots_path)
  return sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789", retry = false,
    base_url = box.urls.nexmo, rate_limit = limit, slots_path = slots_path }
end

local function make_slots(made)
  local place = output_of "mktemp -d"
  local nexmo = client({ calls = made.calls, period = made.period, share = "machine" }, place)
  for _ = 1, made.used do
    assert(nexmo:send_sms(made.items[1]))
  end
  write("made.lua", MADE:format(core.now() * 1e6))
  local path = output_of(("find '%s' -type f"):format(place))
  -- The boot id is nobody's: 16 bytes behind what tells the file's form and its limit.
  local text = read(path)
  write("slots", text:sub(1, 56) .. "of no boot here." .. text:sub(73))
  os.remove(path)
  os.remove(place)
end

local function make_journal(made)
  local path = folder .. "/journal"
  os.remove(path)
  for ref, fault in pairs {
    refused = { kind = "nexmo_status", code = 6 }, ambiguous = { kind = "lost_answer" },
    ["not sent"] = { kind = "throttle" },
  } do
    fault.ref, fault.count = ref, 1
    box:fault(fault)
  end
  local sent = { made.items[1], made.items[2], made.items[3], made.items[4], made.items[5],
    made.items[6] }
  for _, _, err in client(false):send_all(sent, { journal = path }) do
    print(err and err.outcome or "accepted")
  end
  local ledger = assert(ledgers.open(path, false, {})) -- a process that is killed leaves this
  local entry = { item = made.items[7], handle = 7 }
  assert(ledger:look(entry))
  assert(ledger:begin({ handles = { 7 }, hashes = entry.hash }))
  assert(ledger:close())
end

--- What a store has after a message of two parts was sent, one receipt came, and the first part of
--- a long text.
local function make_records(made)
  local records = {}
  local store = {
    get = function(_, key) return records[key] end,
    update = function(_, key, change)
      records[key] = change(records[key])
      return records[key]
    end,
  }
  local receipts, inbound = sms.receipts.new(store), sms.inbound.new(store)
  assert(receipts:sent(made.result))
  assert(receipts:add(made.receipts[1]))
  assert(inbound:add(made.parts[1], made.now) == false)
  write("records.json", cjson.encode(records) .. "\n")
end

local function make_key(made)
  local home = output_of "mktemp -d"
  local ended = run.sms(made.command, run.with(box, { HOME = home }))
  assert(ended.status == 0, ended.err)
  os.execute(("rm -rf '%s/key'; cp -r '%s/.local/state/sms/keys/order-17' '%s/key'; rm -r '%s'")
    :format(folder, home, folder, home))
end

local function make_campaign(made, provider)
  local place = provider .. "-campaign"
  os.execute(("mkdir -p '%s/%s'"):format(folder, place))
  write(place .. "/texts.csv", made.csv)
  local words = { "campaign", "--provider", provider, "--from", "Acme", "--yes",
    folder .. "/" .. place .. "/texts.csv" }
  local ended = run.sms(words, run.with(box, { HOME = "/nowhere" }))
  assert(ended.status == 0, ended.err)
  write(place .. "/texts.csv", made.csv .. made.one_more)
end

os.execute("mkdir -p " .. folder)
write("made.lua", MADE:format(0))
local made = dofile(folder .. "/made.lua")
make_slots(made)
make_journal(made)
make_records(made)
make_key(made)
make_campaign(made, "nexmo")
make_campaign(made, "retarus")
box:stop()
