-- What is left of secrets in all that the library says and writes, in any form, while a provider
-- says in its answers what it was sent; and of numbers and texts in what goes into logs. SECRET,
-- SIGNATURE, PASSWORD and SEAL are secrets; NUMBER and TEXT are of a message.

local child = require "spec.support.child"
local echoes = require "spec.support.secrets.echoes"
local lua_process = require "spec.support.lua_process"
local nginx = require "spec.support.servers.nginx"
local outboxes = require "spec.support.outbox.outboxes"
local process = require "spec.support.process"
local raw_server = require "spec.support.servers.raw_server"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local run = require "spec.support.runs.command"
local search = require "spec.support.secrets.search"
local sms = require "sms"

local unpack = table.unpack or unpack -- luacheck: ignore 143

local SECRETS = { SECRET = "cAnAry+S3cr3t/0123=", SIGNATURE = "cAnAry&S1gnature?4567",
  PASSWORD = "cAnAry+Passw0rd/890=", SEAL = ("cAnAry+S3al/"):rep(3) }
local MESSAGE = { NUMBER = "447712345678", TEXT = "cAnAry of text" }
local BOTH = {}
for _, part in ipairs { SECRETS, MESSAGE } do
  for name, canary in pairs(part) do BOTH[name] = canary end
end

local function environment(more)
  local all = more or {}
  for name, canary in pairs(BOTH) do all[name] = canary end
  return all
end


--- The words of a shell that put an environment before a command.
local function exported(variables)
  local words = {}
  for name, value in pairs(variables) do words[#words + 1] = name .. "=" .. child.quoted(value) end
  return "export " .. table.concat(words, " ") .. "; "
end

-- What a provider knows of what it was sent.
local WORDS = echoes.words("abcd1234", { SECRETS.SECRET, SECRETS.SIGNATURE }, { MESSAGE.NUMBER,
  MESSAGE.TEXT })

describe("Of secrets, numbers and texts", function()
  local server, folder, ended

  local function read(name)
    return assert(process.read(folder .. "/" .. name), name)
  end

  local function none(text, canaries, place)
    assert.equal("", search.text(text, canaries, place))
  end

  local function item(ref)
    return { from = "Acme", to = MESSAGE.NUMBER, text = MESSAGE.TEXT, ["client-ref"] = ref }
  end

  setup(function()
    folder = process.output_of "mktemp -d"
    server = raw_server.start()
    child.shell(("cd %s && mkdir slots && openssl genrsa -out key.pem 2048"):format(folder))
    ended = child.shell(lua_process.command("spec/support/secrets/traces.lua", environment {
      FOLDER = folder, KEY = folder .. "/key.pem" }))
  end)
  teardown(function()
    server:stop()
    child.shell("rm -r " .. child.quoted(folder))
  end)

  it("all are found in what was sent", function()
    assert.matches("sms.nexmo client", ended.err, 1, true) -- it came to its end
    local found = search.text(read "requests", BOTH, "requests")
    for _, name in ipairs { "SECRET", "PASSWORD", "NUMBER", "TEXT" } do
      assert.matches(": " .. name .. ",", found, 1, true)
    end
  end)

  it("nothing is in errors, tostring, tracebacks, events, warnings, metrics, doctor", function()
    for _, name in ipairs { "shown", "logs" } do none(read(name), BOTH, name) end
    none(ended.out .. ended.err, BOTH, "standard error")
    assert.matches("\n***\n", read "shown", 1, true) -- credentials themselves
  end)

  it("no secret is in a dry run, nor in anything that can be reached from a client", function()
    none(read "previews", SECRETS, "previews")
    none(read "objects", SECRETS, "objects")
    assert.matches("abcd1234", read "objects", 1, true)
  end)

  it("nothing is in a journal and in files of slots", function()
    none(read "journal", BOTH, "journal")
    assert.equal("", search.of(folder .. "/slots", BOTH))
  end)

  --- What Redis has written of an outbox, shared slots and a store, with `seal` or without.
  local function written_by_redis(seal)
    local own = redis_server.start(outboxes.DURABLE)
    local options = redis_client.options(own.port)
    local function client_of(limit)
      return sms.nexmo { api_key = "abcd1234", api_secret = SECRETS.SECRET, retry = false,
        signature_secret = SECRETS.SIGNATURE, base_url = server.url, rate_limit = limit }
    end
    local client = client_of(false)
    local outbox = assert(outboxes.new(own, { client = client, seal = seal }))
    client_of { calls = 9, period = 1, share = redis.new(options) }:send_sms(item "r0",
      { max_wait = 0 }) -- a new Redis gives no slots at first
    for i, reply in ipairs(echoes.refusals(WORDS)) do
      server:reply(reply)
      assert(outbox:add(item("r" .. i), { key = MESSAGE.NUMBER .. i }))
      for _ in client:send_all(outbox:source { block = 0 }) do end
    end
    options.name, options.seal = outbox.name, seal
    local receipts = sms.receipts.new(redis.store(options))
    assert(receipts:add { msisdn = MESSAGE.NUMBER, to = "Acme", messageId = "0A",
      status = "delivered", ["message-timestamp"] = "2030-01-01 00:00:00",
      ["client-ref"] = MESSAGE.TEXT, ["err-code"] = "0" })
    local text = child.shell("cat $(find " .. own.dir .. " -type f)").out
    own:stop()
    return text
  end

  it("no secret is in Redis, and where it is sealed no number and no text either", function()
    local plain = written_by_redis()
    none(plain, SECRETS, "Redis")
    assert.matches(MESSAGE.NUMBER, plain, 1, true)
    none(written_by_redis(SECRETS.SEAL), BOTH, "Redis, sealed")
  end)

  it("nothing is in the log of nginx, of what fails there and of what is raised", function()
    local host = nginx.start({ log_level = "info", main = "env SECRET; env SIGNATURE; env URL; "
      .. "env NUMBER; env TEXT;", init = [[
        sms = require "sms"
        local env = os.getenv
        client = sms.nexmo { api_key = "abcd1234", api_secret = env "SECRET", base_url = env "URL",
          signature_secret = env "SIGNATURE", retry = false, rate_limit = false,
          on_event = sms.adapters.json(function(line) ngx.log(ngx.ERR, line) end) }
        item = { from = "Acme", to = env "NUMBER", text = env "TEXT" }
        config = require("sms.nginx").handler { client = client,
          on = { delivery_receipt = error } }
      ]], locations = [[
        location /send { content_by_lua_block {
          local _, err = client:send_sms(item)
          ngx.log(ngx.ERR, tostring(err))
          ngx.say "sent"
        } }
        location /raise { content_by_lua_block { error(client) } }
        location /misuse { content_by_lua_block { client.send_sms(item) } }
        location /webhook { content_by_lua_block { config() } }
      ]], before = exported(environment { URL = server.url }) })
    for _, reply in ipairs(echoes.replies(WORDS)) do
      server:reply(reply)
      assert.equal(200, (host:get "/send"))
    end
    assert.equal(500, (host:get "/raise"))
    assert.equal(500, (host:get "/misuse"))
    host:get("/webhook", { body = "msisdn=" .. MESSAGE.NUMBER .. "&text=cAnAry+of+text&sig=00",
      headers = { ["Content-Type"] = "application/x-www-form-urlencoded" } })
    local log = process.read(host.dir .. "/error.log")
    host:stop()
    assert.matches("send_sms", log, 1, true)
    none(log, BOTH, "error.log")
  end)

  it("no secret is in what the command prints, and in what it leaves", function()
    local home = folder .. "/home"
    child.shell("mkdir -p " .. home)
    local env = { HOME = home, NEXMO_API_KEY = "abcd1234", NEXMO_API_SECRET = SECRETS.SECRET,
      NEXMO_SIGNATURE_SECRET = SECRETS.SIGNATURE, RETARUS_USERNAME = "user",
      RETARUS_PASSWORD = SECRETS.PASSWORD, NEXMO_BASE_URL = server.url,
      RETARUS_BASE_URL = server.url, SMS_PROVIDER = "nexmo" }
    local file = assert(io.open(home .. "/people.csv", "w"))
    file:write("number,text\n", MESSAGE.NUMBER, ",", MESSAGE.TEXT, "\n")
    file:close()
    local of_nexmo, of_retarus = echoes.refusals(WORDS)[1],
      echoes.refusals(echoes.words("user", { SECRETS.PASSWORD }, {}))[1]
    local send = { "send", "--from", "Acme", "--to", MESSAGE.NUMBER, MESSAGE.TEXT }
    local key = { "send", "--key", "one", "--from", "Acme", "--to", MESSAGE.NUMBER, MESSAGE.TEXT }
    for _, words in ipairs { send, key, { "balance" }, { "check" }, { "doctor" },
      { "numbers", "owned" }, { "numbers", "search", "GB" }, { "apps", "list" },
      { "call", "--to", MESSAGE.NUMBER, MESSAGE.TEXT }, { "status", "J.1" },
      { "campaign", home .. "/people.csv", "--from", "Acme", "--yes" } } do
      for _, flag in ipairs { "", "--json", "--dry-run" } do
        local all = { unpack(words) }
        all[#all + 1] = flag ~= "" and flag or nil
        server:reply(words[1] == "status" and of_retarus or of_nexmo)
        local told = run.sms(all, env)
        none(told.out .. told.err, SECRETS, table.concat(all, " "))
        assert.is_nil((told.out .. told.err):find("traceback", 1, true))
      end
    end
    assert.equal("", search.of(home, SECRETS))
  end)
end)
