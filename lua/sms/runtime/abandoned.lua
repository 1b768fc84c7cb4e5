--- Calls of an event loop that was closed or dropped while they were under way: nobody resumes
--- their coroutines, but what became of them is in the mailbox.

local abandoned = {}

local function is_before(a, b)
  return a.id < b.id
end

--- Takes those of a client that have ended.
---@param self table the loop's runtime (sms.runtime.loop)
---@param client table
---@param hand_out fun(self: table, is_left: fun(waiter: table): boolean) reads the mailbox
---@return table[] waiters in the order of their calls: call, claims, finish, and what has come
---@return integer under_way those that have not ended
function abandoned.take(self, client, hand_out)
  local taken, under_way = {}, 0
  if not self.mailbox or self.mailbox:is_foreign() then
    return taken, under_way
  end
  local running = self.is_inside() or nil
  local function is_left(waiter)
    return running == nil or self.loop_of[waiter] ~= running
      or coroutine.status(waiter.thread) == "dead"
  end
  hand_out(self, is_left)
  for waiter in pairs(self.untold) do
    if waiter.call.client == client and is_left(waiter) then
      if waiter.has_come then
        taken[#taken + 1] = waiter
        self.untold[waiter] = nil
      else
        under_way = under_way + 1
      end
    end
  end
  table.sort(taken, is_before)
  return taken, under_way
end

return abandoned
