-- What is left of secrets in the memory of a process, in any form, once clients are closed. For Lua
-- 5.4, whose own memory can be told apart; not under sanitizers, which keep what is freed.

local child = require "spec.support.child"
local forms = require "spec.support.secrets.forms"
local lua_process = require "spec.support.lua_process"
local raw_server = require "spec.support.servers.raw_server"
local sandbox = require "spec.support.servers.sandbox"

local PROGRAM = "spec/support/secrets/child.lua"

-- LOOPED is that of a client in an event loop, whose calls the driver thread makes.
local CANARIES = { SECRET = "cAnAry+S3cr3t/0123=", LOOPED = "cAnAry:L00p3d/secr3t=",
  SIGNATURE = "cAnAry&S1gnature?4567", PASSWORD = "cAnAry+Passw0rd/890=",
  PROXY_PASSWORD = "cAnAry#Pr0xy%word/12" }

describe("Of secrets in memory", function()
  local box = sandbox.for_specs { tls = true, application = true }
  local proxy, output

  local function environment()
    local key, client_key = box.dir .. "/application.key", box.dir .. "/server.key"
    local login = "://user:" .. forms.of(CANARIES.PROXY_PASSWORD).url .. "@"
    local all = { KEY = forms.of_key(key), CLIENT_KEY = forms.of_key(client_key) }
    for name, secret in pairs(CANARIES) do all[name] = forms.of(secret) end
    return { SECRET = CANARIES.SECRET, LOOPED = CANARIES.LOOPED, SIGNATURE = CANARIES.SIGNATURE,
      PASSWORD = CANARIES.PASSWORD, PROXY = proxy.url:gsub("://", (login:gsub("%%", "%%%%"))),
      NEXMO = box.urls.nexmo_tls, RETARUS = box.urls.retarus_tls, CA = box.urls.ca_file,
      APPLICATION = (box:application()), KEY = key, CERT = box.dir .. "/server.pem",
      CLIENT_KEY = client_key, FORMS = forms.written(all) }
  end

  -- The names of those of which something is found at a stage, in order.
  local function found(stage)
    local seen, names = {}, {}
    assert(output:find("\n" .. stage .. ": end\n", 1, true), output)
    for name in output:gmatch(stage .. ": ([%u_]+), ") do
      if not seen[name] then names[#names + 1] = name end
      seen[name] = true
    end
    table.sort(names)
    return table.concat(names, " ")
  end

  setup(function()
    proxy = raw_server.start()
    proxy:reply(raw_server.http(200, "{}"))
    box:settings { nexmo_secret = CANARIES.SECRET, nexmo_signature_secret = CANARIES.SIGNATURE,
      retarus_password = CANARIES.PASSWORD }
    local ended = child.shell(lua_process.command(PROGRAM, environment()))
    output = "\n" .. ended.out .. ended.err
  end)
  teardown(function() proxy:stop() end)

  it("all are found while they are in use", function()
    assert.equal("CLIENT_KEY KEY LOOPED PASSWORD PROXY_PASSWORD SECRET SIGNATURE", found "open")
  end)

  it("nothing is left once clients are closed, but what a connection needs to its end", function()
    assert.equal("CLIENT_KEY PROXY_PASSWORD", found "closed")
    assert.is_nil(output:find("closed: PROXY_PASSWORD, [^r]"), output) -- as it is, alone
  end)

  -- The key of a client certificate is read for libcurl by OpenSSL, which frees what it has read as
  -- it is: whether some of it is still there goes by what took that memory since.
  it("nothing of the library's is left once the connections have ended", function()
    assert.equal("", (found "ended":gsub("CLIENT_KEY", "")), output)
  end)
end)
