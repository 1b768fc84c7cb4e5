--- Jobs out of single messages, for send_all: in the order in which they come, those with
--- the same text together. A job is kept as the JSON text that will be sent, and nothing else:
--- it has 3,000 recipients, and several wait at a time. Pure.

local core = require "sms.core"
local json = require "sms.base.json"

local jobs = {}

local Job = { __name = "sms.retarus.job" }
local methods = {}
Job.__index = methods

--- The texts of a job.
---@param params { messages: { text: string }[] }
---@return string[]
function jobs.texts(params)
  local texts = {}
  for i, message in ipairs(params.messages) do
    texts[i] = message.text
  end
  return texts
end

--- Params with one recipient, by which it is seen whether the options of jobs are in order.
---@param given { options: table? } of send_all
---@return table params
function jobs.sample(given)
  return { options = given.options, messages = { { text = "?", recipients = { "123456" } } } }
end

--- What the items of jobs and the jobs themselves have in common.
---@param sent { options: table? } the sample, as it is sent
---@param given { strict_parts: boolean? } of send_all
---@param settings table the client's
---@return { job_options: table?, options: table, strict_parts: boolean }
function jobs.context(sent, given, settings)
  local strict_parts = given.strict_parts
  if strict_parts == nil then
    strict_parts = settings.strict_parts
  end
  return { job_options = sent.options, options = sent.options or {}, strict_parts = strict_parts }
end

--- Begins a job.
---@param operation table
---@param context table of jobs.context
---@param extra table? what is sent beside options and messages
---@return table job `params`: its options and texts
function jobs.new(operation, context, extra)
  local options = context.job_options
  local head = json.encode(operation, { options = options }, extra)
  return setmetatable({
    params = { options = options, messages = {} },
    head = head:sub(1, -2) .. (head == "{}" and "" or ",") .. '"messages":[',
    written = {}, -- messages by their texts, without their ends, the first behind the head
  }, Job)
end

--- Adds a recipient.
---@param item { text: string }
---@param recipient string it, as it is written
function methods:add(item, recipient)
  local text = item.text
  local written, messages = self.written[text], self.params.messages
  if not written then
    written = ('{"text":%s,"recipients":[%s'):format(json.encode_any(text), recipient)
    self.written[text] = messages[1] and written or core.long_text(self.head, written)
    messages[#messages + 1] = { text = text }
  elseif type(written) == "string" then
    self.written[text] = core.long_text(written, ",", recipient)
  else
    written:add(",", recipient)
  end
end

--- The body of its request.
---@return table body of core.long_text
function methods:body()
  local messages = self.params.messages
  local body = self.written[messages[1].text]
  for i = 2, #messages do
    local written = self.written[messages[i].text]
    body:add("]},", written)
    if type(written) ~= "string" then
      written:drop()
    end
  end
  self.written = nil
  return body:add "]}]}"
end

return jobs
