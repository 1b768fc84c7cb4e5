-- Every block of the shell in every page parses; those marked as runnable run, as they stand and
-- in their order, in a checkout with the sandbox. Pages with nginx: spec/project/pages/nginx_spec.

local blocks = require "spec.support.pages.blocks"
local child = require "spec.support.child"
local session = require "spec.support.pages.session"

local is_whole = not rawget(_G, "jit") -- they name lua5.4 themselves: once is enough

describe("The shell of the pages", function()
  for _, block in ipairs(blocks.all(function(block) return block.kind:find "^sh" end)) do
    it("parses in " .. blocks.place(block), function()
      assert.equal(0, child.shell("sh -n -c " .. child.quoted(block.code)).status)
    end)
  end

  for _, path in ipairs(is_whole and blocks.followed(false) or {}) do
    it("does what it promises, followed to the letter: " .. path, function()
      session.follow(path)
    end)
  end
end)
