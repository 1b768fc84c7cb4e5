--- Requests that the driver thread performs, and the letters in which it answers: what
--- nginx (sms.runtime.pump) and event loops (sms.runtime.loop) have in common.

local letters = {}

--- The reply to a request of which nothing will be known here.
---@param why string
---@return table reply
function letters.unknown(why)
  return { ending = "cancelled", sent = true, is_unknown = true, status = 0, body = "",
    phase = "answer", message = why }
end

--- Takes all letters out of a mailbox.
---@param mailbox table
---@param waiters table by ids; those whose letter has come are no longer there
---@param tell fun(waiter: table) who has `reply`, or `why` there is none
function letters.hand_out(mailbox, waiters, tell)
  local id = mailbox:take()
  while id do
    local waiter = waiters[id]
    if waiter then
      local ok, reply, why = pcall(mailbox.read, mailbox)
      waiter.reply, waiter.why = ok and reply or nil, why
      if not ok then -- it has come, and there was no memory for it
        waiter.reply = letters.unknown(reply)
      end
      waiters[id] = nil
      tell(waiter)
    end
    id = mailbox:take()
  end
end

--- How calls are sent and waited for.
---@param open fun(): table?, string? the mailbox, or why there is none
---@param await fun(id: integer, seconds: number): table?, string? waits for a letter as
--- hand_out does
---@return function perform as script.perform
function letters.sender(open, await)
  return function(client, head, timeout, ...)
    local mailbox, why = open()
    local id
    if mailbox then
      id, why = mailbox:submit(client, head, timeout, ...)
    end
    if not id then
      return nil, why
    end
    return await(id, timeout)
  end
end

return letters
