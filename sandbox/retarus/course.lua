-- How a recipient's SMS can end: the table of statuses, and which number endings provoke which
-- (docs/providers/retarus.md 4.3).

local settings = require "settings"

local course = {}

local function row(process, status, needs_notification, reason)
  return { process = process, status = status, needs = needs_notification, reason = reason }
end

local delivered = row("DONE", "SUC_FIN", true,
  "message_state:DELIVERED [00000002] (Final) (Message is delivered to destination.)")
local accepted = row("DONE", "SUC_ACC", false, "accepted by the carrier")

-- What the endings 0901 and up of a number lead to. `before`: ends without having been sent.
-- `stays`: never gets further.
local endings = {
  ["01"] = row("DONE", "INVALID_DST", false, "number invalid"),
  ["02"] = row("DONE", "BLOCKED", false, "number on block list"),
  ["03"] = row("DONE", "TIMEOUT", true, "validity ran out"),
  ["04"] = row("DONE", "CON_ERR", false, "all attempts failed"),
  ["05"] = row("DONE", "FAILED_FIN", true,
    "message_state:UNDELIVERABLE [00000005] (Final) (Message is undeliverable.)"),
  ["06"] = row("DONE", "NOT_ACC_FIN", false, "carrier did not accept"),
  ["07"] = row("DONE", "SEND_ERR", false, "internal error"),
  ["08"] = row("DONE", "STATUS_ERR", true, "internal error"),
  ["09"] = row("CANCELED", "", false, "cancelled"),
  ["10"] = row("CANCELED", "NOT_ACC_REC", false, "cancelled"),
  ["11"] = row("KILL", "NOT_ACC_REC", true, "cancelled after sending"),
  ["12"] = row("OPEN", "", false, "pending"),
  ["13"] = row("OPEN", "CON_ERR", false, "retry under way"),
  ["14"] = row("RUNNING", "SUC_ACC", true, "waiting for notification"),
  ["15"] = row("PARKED", "NEW_STATE", false, "a state of later versions"),
  ["16"] = row("PARKED", "NEW_END", false, "an end of later versions"),
}
for _, ending in ipairs { "01", "02", "04", "06", "09" } do endings[ending].before = true end
for _, ending in ipairs { "12", "13", "14", "15" } do endings[ending].stays = true end

--- The course of a number, with or without a delivery notification wanted.
function course.of(dst, wants_notification)
  local ending = settings.get().magic and dst:gsub("%D", ""):match "09(%d%d)$"
  local found = endings[ending]
  if not dst:find "^[+%d][%d ()./-]*$" then found = endings["01"] end
  if found and (wants_notification or not found.needs) then return found end
  return wants_notification and delivered or accepted
end

return course
