--- Reading from two data centres, each with jobs of its own (docs/providers/retarus.md
--- 5). Pure: `ask(host)` is given; hosts are names, in the order in which they are to be asked.

local centres = {}

-- Failures that are the same everywhere: wrong credentials, a wrong request, no quota.
local FINAL = { auth = true, rejected = true, invalid = true, cancelled = true,
  rate_limited = true }

local NOWHERE = "no data centre has this job, or it is too new to be seen"

--- The failure that says "not here": 404, or the empty list that may stand for it.
local function absence(result, failure)
  if failure then
    return failure.kind == "not_found" and failure or nil
  elseif next(result) == nil then
    return { kind = "not_found", outcome = "rejected" }
  end
end

--- Asks one centre after the other until one has the job. "Not found" is said only where
--- every centre says so.
---@param hosts string[]
---@param ask fun(host: string): any, table?
---@return any result
---@return table? failure
---@return string? host the one that has it
function centres.first(hosts, ask)
  local absent, failed
  for _, host in ipairs(hosts) do
    local result, failure = ask(host)
    absent = absence(result, failure)
    if result and not absent then
      return result, nil, host
    elseif not absent and FINAL[failure.kind] then
      return nil, failure
    elseif not absent then
      failed = failed or failure
    end
  end
  if failed then
    return nil, failed
  end
  absent.message = NOWHERE
  return nil, absent
end

--- Asks every centre and merges the lists. Where one fails, the whole fails, and the
--- failure's `result` is what the others gave.
---@param hosts string[]
---@param ask fun(host: string): any, table?
---@param operation { unique: string } the field by which entries are the same
---@return any result
---@return table? failure
function centres.all(hosts, ask, operation)
  local list, seen, failed = {}, {}, nil
  for _, host in ipairs(hosts) do
    local result, failure = ask(host)
    if failure and FINAL[failure.kind] then
      failure.result = list[1] and list or failure.result
      return nil, failure
    end
    failed = failed or failure
    for _, item in ipairs(result or {}) do
      local key = item[operation.unique]
      if not seen[key] then
        seen[key] = true
        list[#list + 1] = item
      end
    end
  end
  if failed then
    failed.result = list
    return nil, failed
  end
  return list
end

return centres
