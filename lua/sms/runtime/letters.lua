--- Requests that the driver thread performs, and the letters in which it answers: what
--- nginx (sms.runtime.nginx.pump) and event loops (sms.runtime.loop) have in common.

local errors = require "sms.base.errors"

local letters = {}

--- How a request ended of which nothing will be known here.
---@param why string
---@return table answer
function letters.unknown(why)
  return { ending = "cancelled", sent = true, keeps_slots = true, status = 0, body = "",
    phase = "answer", message = why }
end

local UNREAD = letters.unknown(errors.OUT_OF_MEMORY) -- made while there is memory

local function read_into(waiter, mailbox)
  waiter.status, waiter.answer, waiter.retry_after, waiter.date = mailbox:read(waiter.claims)
end

local function end_with(waiter, answer)
  waiter.status, waiter.answer = nil, answer
  waiter.retry_after, waiter.date = nil, nil -- of an earlier request
  waiter.has_come = true
end

--- Tells a waiter that nothing will be known of the end of its request.
---@param waiter table
---@param why string
function letters.lose(waiter, why)
  end_with(waiter, letters.unknown(why))
end

--- Takes all letters out of a mailbox, where no thread drives its engine after a step of that.
---@param mailbox table
---@param waiters table by ids, with their `claims`; those whose letter has come are no longer
--- there
---@param tell fun(waiter: table) who has_come
---@param most integer? how many letters; the others stay there
---@return { [1]: any }? raised what broke a letter's reading off (Ctrl-C), to be raised when all
--- that there is has been handed out
function letters.hand_out(mailbox, waiters, tell, most)
  mailbox:step()
  local id, left, raised = mailbox:take(), most or math.huge, nil
  while id do
    local waiter = waiters[id]
    if waiter then
      local ok, message = pcall(read_into, waiter, mailbox)
      if not ok and message ~= errors.OUT_OF_MEMORY then
        raised = raised or { message }
        ok, message = pcall(read_into, waiter, mailbox)
      end
      if not ok then -- there is no memory for what has come
        end_with(waiter, message == errors.OUT_OF_MEMORY and UNREAD or letters.unknown(message))
      end
      waiter.has_come = true
      waiters[id] = nil
      tell(waiter)
    end
    left = left - 1
    id = left > 0 and mailbox:take()
  end
  return raised
end

--- How calls are sent and waited for.
---@param open fun(): table?, string? the mailbox, or why there is none
---@param await fun(id: integer, claims: table?, finish: function?, call: table?): table waits for a
--- letter as hand_out does; status, answer, retry_after and date of it
---@return function perform as script.perform
function letters.sender(open, await)
  return function(client, head, timeout, connect_timeout, start_before, body, claims, finish,
    call)
    local mailbox, why = open()
    local id
    if mailbox then
      id, why = mailbox:submit(client, head, timeout, connect_timeout, start_before, body)
    end
    if not id then
      return nil, nil, why
    end
    return await(id, claims, finish, call)
  end
end

return letters
