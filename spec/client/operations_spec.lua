-- What a client can do with the credentials that it has, and what it says of the rest.

local lua_process = require "spec.support.lua_process"
local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"
local usual = require "spec.support.usual"

local NUMBER = "447700900000"

-- What needs the API secret, whatever `auth` says.
local WITH_SECRET = { list_inbound_numbers = { country = "GB" }, list_owned_numbers = {},
  get_application = { application_id = "a" }, list_applications = {},
  delete_application = { application_id = "a" },
  create_application = { name = "Demo", capabilities = {} },
  update_application = { application_id = "a", name = "Demo", type = "voice",
    answer_url = "https://example.com/a", event_url = "https://example.com/e" },
  send_voice = { to = NUMBER, text = "Hello" } }

describe("A client that signs, without an API secret,", function()
  local server, client

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(usual.taken())
    client = sms.nexmo { api_key = "abcd1234", signature_secret = "SIGNATURE0123456",
      auth = "signature", base_url = server.url, retry = false, rate_limit = false }
  end)
  after_each(function() client:close() end)

  local function assert_names_secret(result, err)
    assert.is_nil(result or nil)
    assert.same({ "invalid", "not_sent", "api_secret" },
      { err.kind, err.outcome, err.problems[1].path })
    assert.matches("^api_secret: is missing: give it, or set NEXMO_API_SECRET", err.message)
    assert.same({}, server:requests())
  end

  it("sends texts", function()
    assert(client:send_sms(usual.TEXT))
    for _, result, err in client:send_all { usual.TEXT } do
      assert.is_nil(err)
      assert.equal("0", result.messages[1].status)
    end
    assert.equal(2, #server:requests())
    for _, request in ipairs(server:requests()) do
      assert.matches("&sig=%x+$", request.text)
      assert.is_nil(request.text:find("Authorization", 1, true))
    end
  end)

  it("names api_secret where it is needed, and sends nothing", function()
    for name, params in pairs(WITH_SECRET) do
      assert_names_secret(client[name](client, params))
      assert_names_secret(client:prepare(name, params))
    end
    assert_names_secret(client:check())
    for item, err in client:each("list_owned_numbers") do
      assert_names_secret(item, err)
    end
  end)

  it("does so with version 1 of the Application API", function()
    local first = sms.nexmo { api_key = "abcd1234", signature_secret = "SIGNATURE0123456",
      auth = "signature", base_url = server.url, api_version = 1 }
    for _, name in ipairs { "get_application", "list_applications", "delete_application" } do
      assert_names_secret(first[name](first, WITH_SECRET[name]))
    end
    first:close()
  end)

  it("is refused with another auth, or where it has no signature secret", function()
    for auth, words in pairs { basic = "api_secret is missing",
      params = "api_secret is missing" } do
      assert.has_error(function()
        sms.nexmo { api_key = "abcd1234", signature_secret = "SIGNATURE0123456", auth = auth }
      end, nil, words)
      local _, message = pcall(sms.nexmo, { api_key = "abcd1234", signature_secret = "S",
        auth = auth })
      assert.matches(words, message)
    end
    local _, message = pcall(sms.nexmo, { api_key = "abcd1234", auth = "signature" })
    assert.matches("signature_secret is missing", message)
  end)
end)

describe("Half of what the Voice API needs, in the environment,", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(usual.taken())
  end)

  local CREDENTIALS = { NEXMO_API_KEY = "abcd1234", NEXMO_API_SECRET = "Secret0123456789" }

  local function run(program, variable, value)
    local environment = { [variable] = value }
    for name, given in pairs(CREDENTIALS) do environment[name] = given end
    return lua_process.run(([[
      local sms = require "sms"
      local options = { base_url = %q, retry = false }
      local function show(result, err)
        io.write(result and "sent" or err.kind .. " " .. err.outcome .. " " .. err.message, "\n")
      end
    ]]):format(server.url) .. program, environment)
  end

  local MISSING = { NEXMO_APPLICATION_ID = "private_key", NEXMO_PRIVATE_KEY = "application_id" }

  for variable, missing in pairs(MISSING) do
    for _, value in ipairs { "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
      "no good, and not looked at" } do
      it(("%s = %s does not break clients that text, and is no way to call"):format(variable,
        value),
        function()
          local output = run([[
            local client = sms.nexmo(options)
            show(client:send_sms { from = "Acme", to = "447700900000", text = "Hello" })
            show(client:send_voice { to = "447700900000", text = "Hello" })
            show(client:prepare("send_voice", { to = "447700900000", text = "Hello", style = 1 }))
            show(sms.nexmo.send_voice { to = "447700900000", text = "Hello" })
          ]], variable, value)
          local refused = ("invalid not_sent %s: is missing: %s is set, and the Voice API needs "
            .. "both\n"):format(missing, variable)
          assert.equal("sent\n" .. refused:rep(3), output)
          assert.equal(1, #server:requests())
        end)
    end
  end

  it("is completed by an option, and an option alone is still misuse", function()
    local output = run([[
      options.private_key = "/nowhere"
      io.write(select(2, pcall(sms.nexmo, options)), "\n")
    ]], "NEXMO_APPLICATION_ID", "a")
    assert.matches("private_key: is neither a key in PEM form nor a file", output)
    output = run([[
      options.application_id = "a"
      io.write(select(2, pcall(sms.nexmo, options)), "\n")
    ]], "NEXMO_API_KEY", "abcd1234")
    assert.matches("private_key is missing: application_id is given", output)
  end)
end)
