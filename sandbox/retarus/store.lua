-- The jobs of both data centres (docs/providers/retarus.md 5). A job's whole course is laid
-- down when it is stored; a report only compares it with the clock.

local clock = require "base.clock"
local course = require "retarus.course"
local json = require "base.json"
local settings = require "settings"

local store = { SENDER = "SANDBOX" } -- who sends what names nobody

local function random_text(length)
  local characters = {}
  for i = 1, length do
    local digit = math.random(0, 35)
    characters[i] = string.char(digit < 10 and 48 + digit or 55 + digit)
  end
  return table.concat(characters)
end

local function base36(number)
  local text = ""
  repeat
    local digit = number % 36
    text = string.char(digit < 10 and 48 + digit or 87 + digit) .. text
    number = (number - digit) / 36
  until number == 0
  return text
end

-- J.20221116-102407.583-0lajfsfmoXIZJO93PQ
local function new_id(letter, millis)
  local stamp = os.date("!%Y%m%d-%H%M%S", math.floor(millis / 1000))
  return ("%s.%s.%03d-0%s%s"):format(letter, stamp, millis % 1000, base36(millis), random_text(9))
end

-- The first moment from `moment` on that is in no blackout period.
local function start_of(moment, blackouts)
  local moved = true
  while moved do
    moved = false
    for _, blackout in ipairs(blackouts or {}) do
      if moment >= blackout[1] and moment < blackout[2] then
        moment, moved = blackout[2], true
      end
    end
  end
  return moment
end

local function plan(recipient, number, begin, wants_notification)
  local now = settings.get()
  local way = course.of(recipient.dst, wants_notification)
  local sent = start_of(begin, recipient.periods) + math.floor(now.job_open * 1000)
  local waits = way.needs and math.floor(now.job_running * (500 + number % 8 * 500 / 7)) or 0
  return {
    id = new_id("S", begin), dst = recipient.dst, ref = recipient.ref,
    process = way.process, status = way.status, reason = way.reason,
    sent = not (way.before or way.process == "OPEN") and sent or nil,
    leaves = sent, finish = not way.stays and sent + waits or nil,
  }
end

local function clamped(value, lowest, highest)
  return math.max(lowest, math.min(highest, value))
end

local function header(id, options, receipt)
  local notify = options.statusRequested
  if notify == nil then notify = settings.get().account_status_requested end
  local validity = options.validityMin or 0
  return {
    jobId = id,
    src = options.src or store.SENDER,
    encoding = (options.encoding or "STANDARD"):lower(),
    billcode = options.billcode or "",
    statusRequested = notify,
    flash = options.flash or false,
    validityMin = validity == 0 and 2880 or clamped(validity, 5, 2880),
    customerRef = options.customerRef,
    qos = options.qos or "NORMAL",
    receiptTs = clock.iso(receipt),
  }
end

--- The data centre that a host stands for; the high-availability host and the base pick one.
function store.pick(host)
  if host == "de1" or host == "de2" then return host end
  local way = settings.get().send_store
  if way == "de1" or way == "de2" then return way end
  if way == "random" then return math.random(2) == 1 and "de1" or "de2" end
  return ngx.shared.retarus:incr("turn", 1, 0) % 2 == 1 and "de2" or "de1"
end

--- Stores a job; its id.
function store.add(place, options, recipients)
  local receipt = clock.millis()
  local id = new_id("J", receipt)
  local report = header(id, options, receipt)
  local begin = math.max(receipt, options.jobPeriod or 0)
  local finish, planned = 0, {}
  for i, recipient in ipairs(recipients) do
    planned[i] = plan(recipient, i, begin, report.statusRequested)
    finish = finish and planned[i].finish and math.max(finish, planned[i].finish) or nil
  end
  local dict = ngx.shared.retarus
  local stored = json.encode {
    report = report, recipients = json.list(planned), finish = finish, receipt = receipt,
  }
  assert(dict:set(place .. "/" .. id, stored))
  local number = dict:incr(place, 1, 0)
  assert(dict:set(place .. number, ("%s %d %s"):format(id, receipt, finish or "-")))
  return id
end

--- Keeps what a job says, apart from its recipients, of whom there are many: `from`, `encoding`,
--- and `texts`, a list of `text`, `to` (the first recipient) and `count`; and gives it.
function store.keep_texts(place, id, said)
  ngx.shared.retarus:safe_set(place .. "/" .. id .. "/texts", json.encode(said))
end

function store.texts(place, id)
  return json.decode(ngx.shared.retarus:get(place .. "/" .. id .. "/texts") or "")
end

--- Whether an equal body came within the window; if not, this one is remembered.
function store.is_repeated(place, body)
  local now = settings.get()
  local scope = now.duplicate_scope == "store" and place or "all"
  local key = "body/" .. scope .. "/" .. ngx.md5(body)
  local dict, millis = ngx.shared.retarus, clock.millis()
  if dict:add(key, millis) then return false end
  local first = dict:get(key)
  if first and millis - first < now.duplicate_window * 1000 then return true end
  dict:set(key, millis)
  return false
end

local readable = {
  de1 = function() return { "de1" } end,
  de2 = function() return { "de2" } end,
  base = function() return { "de2", "de1" } end,
  send = function() return { math.random(2) == 1 and "de1" or "de2" } end,
}

--- The data centres whose jobs can be read through a host.
function store.places(host)
  return readable[host]()
end

local function is_visible(receipt)
  return clock.millis() >= receipt + settings.get().visible_after * 1000
end

--- A visible job of the host's data centres, or nil.
function store.find(host, id)
  for _, place in ipairs(store.places(host)) do
    local job = json.decode(ngx.shared.retarus:get(place .. "/" .. id) or "")
    if job and is_visible(job.receipt) then return job end
  end
  return nil
end

local function absent()
  return settings.get().null_fields and json.null or nil
end

local function is_over(finish, now)
  return finish ~= nil and (now or clock.millis()) >= finish
end

--- A job as GET /jobs/{jobId} shows it.
function store.report(job)
  local report = job.report
  report.customerRef = report.customerRef or json.null
  report.finishedTs = is_over(job.finish) and clock.iso(job.finish) or absent()
  report.recipientIds = json.list()
  for i, recipient in ipairs(job.recipients) do report.recipientIds[i] = recipient.id end
  return report
end

local function stage(recipient, now)
  if recipient.finish and now >= recipient.finish then
    return recipient.process, recipient.status, recipient.reason
  end
  if now < recipient.leaves then return "OPEN", "", "" end
  if recipient.finish then return "RUNNING", "", "" end
  return recipient.process, recipient.status, recipient.reason
end

--- The recipients of a job as GET /sms shows them, all at one moment.
function store.recipients(job)
  local reports, now = json.list(), clock.millis()
  for i, recipient in ipairs(job.recipients) do
    local process, status, reason = stage(recipient, now)
    local sent, finish = recipient.sent, recipient.finish
    reports[i] = {
      smsId = recipient.id, dst = recipient.dst, customerRef = recipient.ref,
      processStatus = process, status = status, reason = reason,
      sentTs = sent and now >= sent and clock.iso(sent) or absent(),
      finishedTs = is_over(finish, now) and clock.iso(finish) or absent(),
    }
  end
  return reports
end

--- How many recipients of a job stand how: state and status -> count.
function store.states(job)
  local counts, now = {}, clock.millis()
  for _, recipient in ipairs(job.recipients) do
    local process, status = stage(recipient, now)
    local state = status ~= "" and process .. " " .. status or process
    counts[state] = (counts[state] or 0) + 1
  end
  return counts
end

local function entry_of(line)
  local id, receipt, finish = line:match "^(%S+) (%d+) (%S+)$"
  return { id = id, receipt = tonumber(receipt), finish = tonumber(finish) }
end

local function is_wanted(entry, criteria)
  if criteria.fromTs and entry.receipt < criteria.fromTs then return false end
  if criteria.toTs and entry.receipt > criteria.toTs then return false end
  if criteria.open and (criteria.open == "yes") == is_over(entry.finish) then return false end
  return is_visible(entry.receipt)
end

--- The jobs of the host's data centres that meet the criteria, in the order that is set.
function store.list(host, criteria)
  local dict, found = ngx.shared.retarus, {}
  for _, place in ipairs(store.places(host)) do
    for number = 1, dict:get(place) or 0 do
      local line = dict:get(place .. number)
      local entry = line and entry_of(line)
      if entry and is_wanted(entry, criteria) then found[#found + 1] = entry end
    end
  end
  local newest = settings.get().list_order == "newest"
  table.sort(found, function(a, b)
    if a.receipt == b.receipt then return a.id < b.id end
    return (a.receipt < b.receipt) ~= newest
  end)
  return found
end

return store
