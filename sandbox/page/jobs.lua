-- Jobs of Retarus and how their recipients stand, by the provider's clock.

local json = require "base.json"
local messages = require "page.messages"
local store = require "retarus.store"

local jobs = {}

local SIZE, RECIPIENTS = 10, 100 -- of a page

local function state_of(recipient)
  return recipient.processStatus .. (recipient.status ~= "" and " " .. recipient.status or "")
end

local function job_of(number, arrival)
  if not arrival.job_id then return nil end
  local shown = {
    number = number, time = arrival.time, id = arrival.job_id, place = arrival.store,
    recipients = arrival.recipients, states = json.list(), ref = arrival.ref,
  }
  local job = store.find(arrival.store, arrival.job_id)
  if not job then return shown end
  for state, count in pairs(store.states(job)) do
    shown.states[#shown.states + 1] = { state = state, count = count }
  end
  table.sort(shown.states, function(a, b) return a.state < b.state end)
  shown.finished = store.report(job).finishedTs
  if shown.finished == json.null then shown.finished = nil end
  return shown
end

--- Jobs, newest first.
function jobs.list(before)
  return messages.page_of({ send_job = job_of }, before, SIZE)
end

--- Recipients of the job `job` in the data centre `place`, a hundred from number `from` on.
function jobs.recipients(_, query)
  local place = query.place == "de1" and "de1" or "de2"
  local job = type(query.job) == "string" and store.find(place, query.job)
  local all, items = job and store.recipients(job) or {}, json.list()
  local first = math.max(1, math.floor(tonumber(query.from) or 1))
  for i = first, math.min(#all, first + RECIPIENTS - 1) do
    items[#items + 1] = {
      number = i, to = all[i].dst, ref = all[i].customerRef, state = state_of(all[i]),
      reason = all[i].reason,
    }
  end
  return { items = items, total = #all }
end

return jobs
