--- Requests that the driver thread performs, and the letters in which it answers: what
--- nginx (sms.runtime.pump) and event loops (sms.runtime.loop) have in common.

local letters = {}

--- The reply to a request of which nothing will be known here.
---@param why string
---@return table reply
function letters.unknown(why)
  return { ending = "cancelled", sent = true, status = 0, body = "", phase = "answer",
    message = why }
end

--- Takes all letters out of a mailbox.
---@param mailbox table
---@param waiters table by ids; those whose letter has come are no longer there
---@param tell fun(waiter: table) who has `has_come`, and `reply` or `why` if not `under_way`
function letters.hand_out(mailbox, waiters, tell)
  local id = mailbox:take()
  while id do
    local waiter = waiters[id]
    if waiter then
      if waiter.under_way then
        waiter.under_way:receive(mailbox)
      else
        waiter.reply, waiter.why = mailbox:read()
      end
      waiter.has_come = true
      waiters[id] = nil
      tell(waiter)
    end
    id = mailbox:take()
  end
end

--- How calls are sent and waited for.
---@param open fun(): table?, string? the mailbox, or why there is none
---@param await fun(id: integer, seconds: number, under_way: table?): table?, string? waits
--- for a letter as hand_out does; the reply, for an exchange only if its letter is lost
---@return function perform as script.perform
---@return function exchange as script.exchange
function letters.senders(open, await)
  local function perform(client, built, timeout, ...)
    local mailbox, why = open()
    local id
    if mailbox then
      id, why = mailbox:submit(client, built, timeout, ...)
    end
    if not id then
      return nil, why
    end
    return await(id, timeout)
  end

  local function exchange(usual, params, timeout, connect_timeout)
    local mailbox = open()
    if not mailbox then
      return nil -- perform tells why
    end
    local under_way, id = usual.post(mailbox, params, timeout, connect_timeout)
    if not under_way then
      return nil
    end
    local lost = await(id, timeout, under_way)
    if lost then
      return usual.give_up(under_way, lost)
    end
    return usual.finish(under_way)
  end

  return perform, exchange
end

return letters
