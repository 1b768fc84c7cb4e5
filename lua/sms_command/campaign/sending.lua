--- Sends a campaign: what becomes of each message is written down as it is told, whatever ends it.

local sending = {}

--- What the parts of an answer cost together, and the balance that they tell; nil: they do not.
local function costs_of(result)
  local price, balance
  for _, part in ipairs(result and result.messages or {}) do
    local costs, left = tonumber(part["message-price"]), tonumber(part["remaining-balance"])
    price = costs and (price or 0) + costs or price
    balance = left and math.min(left, balance or left) or balance
  end
  return price, balance
end

--- The id by which the provider knows what was sent.
local function id_of(result)
  local first = result and result.messages and result.messages[1]
  return first and first["message-id"] or result and result.jobId
end

local function reason_of(err)
  local problem = err.problems and err.problems[1]
  return problem and ("%s: %s"):format(problem.path, problem.message) or err.message
end

local function outcome_of(err)
  return err and (err.kind == "partial" and "partial" or err.outcome) or "accepted"
end

--- The row of what was told.
local function row_of(self, item, result, err)
  local known = self.known[item]
  local price, balance = costs_of(result or err.result)
  self.known[item] = nil
  if balance then
    self.balance = math.min(balance, self.balance or balance)
  end
  return { line = known.line, number = known.number, parts = known.parts,
    outcome = outcome_of(err), told = err and reason_of(err) or id_of(result),
    price = price and ("%.8f"):format(price) }
end

--- Writes a row down.
local function add(self, row)
  local ok, why = self.results:add(row)
  if not ok then
    error(why, 0)
  end
end

--- Goes through what is told; the error of the whole, or of the file of the results.
local function tell(self)
  if self.row then -- Ctrl-C may have come while it was written
    add(self, self.row)
  end
  for item, result, err in self.run do
    if not item then
      return err
    end
    self.row = row_of(self, item, result, err)
    add(self, self.row)
  end
end

--- What is read is known by its row until it is told.
local function remembering(self, next_item)
  return function()
    local item, row = next_item()
    if item then
      self.known[item] = row
      return item
    end
    return nil, row
  end
end

--- Whether the parts are used up before an item; nil where there is no limit.
local function limit_of(self, most)
  local left = most
  return most and function(item)
    local parts = self.known[item].parts
    if parts > left then
      self.is_stopped = true
      return true
    end
    left = left - parts
  end
end

--- What is in flight ends, and is written down as far as that can be.
local function end_early(self)
  self.run:close()
  local ok, why = pcall(tell, self)
  if not ok then
    self.raised = why
    for item, result, err in self.run do
      if item then
        self.results:note(row_of(self, item, result, err))
      end
    end
  end
end

--- Begins; options that the library does not take are misuse of the command's.
local function begin(client, source, options)
  local ok, run = pcall(client.send_all, client, source, options)
  local name, why = tostring(run):match "send_all: ([%w_]+): (.*)$"
  if not ok and name then
    error({ misuse = ("--%s: %s"):format((name:gsub("_", "-")), why) }, 0)
  end
  return ok and run or error(run, 0)
end

--- Sends.
---@param client table
---@param next_item function of rows.open
---@param given { results: table, options: table, max_parts: integer? }
---@return table ended { err, raised, stopped, balance }: the error of the whole; what was raised,
--- Ctrl-C for one; whether `max_parts` ended it; what is left of the account's credit
function sending.run(client, next_item, given)
  local self = { results = given.results, known = {} }
  given.options.stop = limit_of(self, given.max_parts)
  self.run = begin(client, remembering(self, next_item), given.options)
  local ok, failure = pcall(tell, self)
  if ok then
    self.err = failure
  else
    self.raised = failure
    end_early(self)
  end
  return { err = self.err, raised = self.raised, balance = self.balance,
    stopped = self.is_stopped and "max_parts" or nil }
end

return sending
