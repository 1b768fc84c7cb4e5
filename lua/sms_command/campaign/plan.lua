--- What a file is about to send: counted, measured and checked, before anything is sent.

local plan = {}

local TOLD_EVERY = 1000 -- rows
local MOST_TOLD = 10 -- rows that are told in words

--- A problem that is not of the row but of the options, in words; else nil. Paths are such as
--- "messages[1].recipients[1].dst", "options.src" and "ttl".
local function problem_of_options(err, row)
  for _, problem in ipairs(err.problems or {}) do
    local name = problem.path:match "([^.]+)$"
    if name and not row.columns[name] then
      return ("--%s: %s"):format(name == "src" and "from" or name, problem.message)
    end
  end
end

local function words_of(err)
  local words = {}
  for i, problem in ipairs(err.problems or {}) do
    words[i] = ("%s: %s"):format(problem.path:match "([^.]+)$" or "", problem.message)
  end
  return words[1] and table.concat(words, "; ") or err.message
end

local function note_invalid(made, row, err)
  made.invalid = made.invalid + 1
  if made.invalid <= MOST_TOLD then
    table.insert(made.problems, { line = row.line, message = words_of(err) })
  end
end

local function note(made, row)
  made.messages, made.parts = made.messages + 1, made.parts + row.parts
  made.most_parts = math.max(made.most_parts, row.parts)
  made.is_unicode = made.is_unicode or row.is_unicode
end

--- Whether a number stood there before, however it was written.
local function is_repeated(seen, number)
  local digits = number:gsub("%D", ""):gsub("^0+", "")
  local before = seen[digits]
  seen[digits] = true
  return before
end

--- Goes through a file.
---@param next_item function of rows.open
---@param check fun(item: table): table? the error of an item that cannot be sent
---@param asked { has_ended: (fun(line: integer): boolean)?, tell: fun(rows: integer) } whether
--- a row has ended in an earlier run; is told now and then how many were read
---@return table? made { rows, messages, parts, ended, invalid, repeated, problems, most_parts,
--- is_unicode }: `messages` and `parts` of what is left and can be sent, `repeated` numbers that
--- stood there before, `most_parts` of a text, whether one is beyond GSM-7
---@return string? why the file or the options are wrong
function plan.of(next_item, check, asked)
  local made = { rows = 0, messages = 0, parts = 0, ended = 0, invalid = 0, repeated = 0,
    problems = {}, most_parts = 0, is_unicode = false }
  local seen, has_ended, tell = {}, asked.has_ended, asked.tell
  local item, row = next_item()
  while item do
    local err = check(item)
    local wrong = err and problem_of_options(err, row)
    if wrong then
      return nil, wrong
    end
    made.rows = made.rows + 1
    if made.rows % TOLD_EVERY == 0 then
      tell(made.rows)
    end
    if err then
      note_invalid(made, row, err)
    elseif has_ended and has_ended(row.line) then
      made.ended = made.ended + 1
    else
      note(made, row)
      made.repeated = made.repeated + (is_repeated(seen, row.number) and 1 or 0)
    end
    item, row = next_item()
  end
  if row then
    return nil, row
  end
  return made
end

return plan
