-- Letters of the driver thread on their way to those who wait.

local letters = require "sms.runtime.letters"

-- A mailbox with a letter for each id; reading raises what stands first in raises, if anything.
local function mailbox_of(ids, raises)
  local mailbox = { ids = ids }
  function mailbox.step() end
  function mailbox.take() return table.remove(ids, 1) end
  function mailbox.read()
    local message = table.remove(raises, 1)
    if message then error(message, 0) end
    return 200, "body"
  end
  return mailbox
end

describe("Letters", function()
  local function handed_out(raises)
    local waiters, told = { {}, {} }, 0
    local both = { waiters[1], waiters[2] }
    local raised = letters.hand_out(mailbox_of({ 1, 2 }, raises), waiters, function()
      told = told + 1
    end)
    assert.same({}, waiters)
    assert.equal(2, told)
    return raised, both
  end

  it("come whole though Ctrl-C breaks their reading off, and it is raised then", function()
    local raised, both = handed_out { "interrupted!" }
    assert.same({ "interrupted!" }, raised)
    for _, waiter in ipairs(both) do
      assert.same({ 200, "body", true }, { waiter.status, waiter.answer, waiter.has_come })
    end
  end)

  it("stay in the mailbox beyond so many", function()
    local waiters, mailbox, told = { {}, {}, {} }, mailbox_of({ 1, 2, 3 }, {}), 0
    local function tell() told = told + 1 end
    letters.hand_out(mailbox, waiters, tell, 2)
    assert.same({ 2, 1 }, { told, #mailbox.ids })
    letters.hand_out(mailbox, waiters, tell, 2)
    assert.same({ 3, 0 }, { told, #mailbox.ids })
  end)

  it("for which there is no memory are lost, and nothing is raised", function()
    local raised, both = handed_out { "not enough memory" }
    assert.is_nil(raised)
    assert.is_true(both[1].answer.keeps_slots)
    assert.equal(200, both[2].status)
  end)
end)
