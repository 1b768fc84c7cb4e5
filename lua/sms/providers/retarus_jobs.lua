--- Jobs out of single messages, for send_all: in the order in which they come, those with
--- the same text together. Pure.

local jobs = {}

local Job = { __name = "sms.retarus.job" }
local methods = {}
Job.__index = methods

--- Begins a job.
---@param options table? of the job
---@return table job
function jobs.new(options)
  return setmetatable({ params = { options = options, messages = {} }, by_text = {}, count = 0 },
    Job)
end

--- Adds a checked item, which becomes a recipient.
function methods:add(item)
  local text = item.text
  local message = self.by_text[text]
  if not message then
    message = { text = text, recipients = {} }
    self.by_text[text] = message
    table.insert(self.params.messages, message)
  end
  item.text = nil
  message.recipients[#message.recipients + 1] = item
  self.count = self.count + 1
end

--- Lets go of all recipients; the options and texts stay.
function methods:drop_recipients()
  for _, message in ipairs(self.params.messages) do
    message.recipients = nil
  end
end

return jobs
