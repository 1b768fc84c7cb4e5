-- What packaging/nginx/ has to include: nginx takes it, and it says what it promises.

local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local registry = require "sms.base.registry"
local tree = require "spec.support.rooms.tree"
local urls = require "sms.base.urls"

require "sms" -- makes its providers

describe("What nginx includes", function()
  local server = nginx.for_specs()

  it("shows doctor and metrics", function()
    local here = process.output_of "pwd" .. "/packaging/nginx/"
    server:start { init = "require 'sms.nginx'", main = ("include %senv.conf;"):format(here),
      locations = ("include %sstatus.conf;"):format(here) }
    local status, body = server:get "/sms/doctor"
    assert.equal(200, status)
    assert.matches("\ndriver +", body)
    status, body = server:get "/sms/metrics"
    assert.equal(200, status)
    assert.matches("# TYPE sms_in_flight gauge", body)
  end)

  it("hides no variable that the library reads", function()
    local text = tree.read "packaging/nginx/env.conf"
    for _, url in ipairs { "http://sms.example", "https://sms.example" } do
      urls.proxy({}, url, function(name)
        assert(text:find("\nenv " .. name .. ";", 1, true), name)
      end)
    end
    for _, provider in ipairs(registry.list()) do
      for _, name in pairs(provider.environment) do
        assert(text:find("\nenv " .. name .. ";", 1, true), name)
      end
    end
    assert.matches("\nenv SMS_SANDBOX;", text)
  end)
end)
