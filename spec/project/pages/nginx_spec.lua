-- Every configuration in every page, in a real nginx; pages with nginx are followed to the letter.

local blocks = require "spec.support.pages.blocks"
local core = require "sms.core"
local nginx = require "spec.support.servers.nginx"
local session = require "spec.support.pages.session"
local socket = require "socket"

local WHOLE_PERIOD = 61 -- seconds since the boot: before, nothing in a machine's limit is free

describe("For nginx, a page", function()
  local server = nginx.for_specs()

  setup(function() socket.sleep(math.max(0, WHOLE_PERIOD - core.now())) end)

  for _, block in ipairs(blocks.all(function(block) return block.kind == "nginx http" end)) do
    it("has lines for its block 'http' which it takes: " .. blocks.place(block), function()
      server:start { http = block.code }
      assert.equal("", server:log())
    end)
  end

  for _, path in ipairs(blocks.followed(true)) do
    it("does what it promises, followed to the letter: " .. path, function()
      session.follow(path)
    end)
  end

  it("has whole configurations only as files that its commands start", function()
    local followed = {}
    for _, path in ipairs(blocks.followed(true)) do followed[path] = true end
    for _, block in ipairs(blocks.all(function(block) return block.kind == "nginx" end)) do
      assert.is_truthy(block.name and followed[block.page], blocks.place(block))
    end
  end)
end)
