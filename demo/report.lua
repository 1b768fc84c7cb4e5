--- Prints what became of everybody's text.

local columns = require "columns"
local terminal = require "terminal"

local report = {}

local NAME = { "who", most = 24 }

local function print_table(heads, rows)
  for _, line in ipairs(columns.lines(heads, rows)) do
    terminal.say("%s", line)
  end
end

local function plural(count, what)
  return ("%d %s%s"):format(count, what, count == 1 and "" or "s")
end

--- What is about to be sent.
function report.announce(people)
  local parts, unicode = 0, 0
  for _, person in ipairs(people) do
    parts = parts + person.measured.parts
    unicode = unicode + (person.measured.encoding == "UCS-2" and 1 or 0)
  end
  terminal.say("%s: %s; %d with characters beyond GSM-7.", plural(#people, "text"),
    plural(parts, "part"), unicode)
end

local function print_nexmo(people)
  local rows, total = {}, { sent = 0, parts = 0, price = 0 }
  for _, person in ipairs(people) do
    local sent = person.nexmo
    if sent then
      rows[#rows + 1] = { person.name, ("%d"):format(person.measured.parts),
        sent.id and ("%.4f"):format(sent.price) or "", sent.id or "", sent.state }
      total.sent = total.sent + (sent.id and 1 or 0)
      total.parts, total.price = total.parts + sent.parts, total.price + sent.price
    end
  end
  if rows[1] then
    terminal.say "\nNexmo, one call each\n"
    print_table({ NAME, { "parts", right = true }, { "EUR", right = true }, { "id" },
      { "state" } }, rows)
  end
  return total
end

local function print_retarus(people, job_id)
  local rows, total = {}, { sent = 0, parts = 0, good = 0 }
  for _, person in ipairs(people) do
    local sent = person.retarus
    if sent then
      rows[#rows + 1] = { person.name, ("%d"):format(person.measured.parts), sent.id or "",
        sent.state }
      total.sent = total.sent + (sent.is_taken and 1 or 0)
      total.parts = total.parts + (sent.is_taken and person.measured.parts or 0)
      total.good = total.good + (sent.is_good and 1 or 0)
    end
  end
  if rows[1] then
    terminal.say("\nRetarus, job %s\n", job_id or "not sent")
    print_table({ NAME, { "parts", right = true }, { "id" }, { "state" } }, rows)
  end
  return total
end

local function print_failures(people)
  local has_title
  for _, person in ipairs(people) do
    local has_name
    for _, provider in ipairs { "nexmo", "retarus" } do
      local sent = person[provider]
      if sent and sent.reason then
        if not has_title then
          terminal.say "\nWhat did not arrive, and why\n"
        end
        if not has_name then
          terminal.say("  %s, line %d", columns.fit(person.name, 40), person.line)
        end
        has_title, has_name = true, true
        terminal.say("    %-7s  %s: %s", provider, sent.state, sent.reason)
      end
    end
  end
end

--- Prints the tables and the totals; of people not reached yet, nothing.
---@param people table[]
---@param job_id string?
function report.print(people, job_id)
  local nexmo, retarus = print_nexmo(people), print_retarus(people, job_id)
  print_failures(people)
  terminal.say("\nNexmo    %s sent, %s, %.4f EUR", plural(nexmo.sent, "text"),
    plural(nexmo.parts, "part"), nexmo.price)
  terminal.say("Retarus  %s in the job, %s, %d delivered (it reports no prices)",
    plural(retarus.sent, "text"), plural(retarus.parts, "part"), retarus.good)
end

return report
