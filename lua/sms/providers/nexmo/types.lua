--- What goes with which `type` of send_sms, and which type a text needs.

local measure = require "sms.core".measure

local types = {}

local MOST_BINARY = 140 -- octets of user data, header included

-- A text is taken everywhere, as the documentation marks it required, and sent where it means
-- something. udh and protocol-id go with any type, as there.
local BY_TYPE = {
  text = { needs = { "text" } },
  unicode = { needs = { "text" } },
  binary = { needs = { "body", "udh" } },
  wappush = { needs = { "title", "url" }, may = { "validity" } },
  vcard = { needs = { "vcard" } },
  vcal = { needs = { "vcal" } },
}
local BOUND_TO_TYPE = { "vcard", "vcal", "body", "title", "url", "validity" }

local function set_of(...)
  local set = {}
  for _, list in ipairs { ... } do
    for _, name in ipairs(list) do
      set[name] = true
    end
  end
  return set
end

local IS_BOUND = set_of(BOUND_TO_TYPE)

local function has_any(params, set)
  for name in next, params do
    if set[name] then
      return true
    end
  end
  return false
end

local function goes_with_type(params, problem, _, given)
  if given.type ~= nil and not params.type then
    return -- a type that is not one says nothing about the rest
  end
  local kind = params.type or "text"
  local rule = BY_TYPE[kind]
  for _, name in ipairs(rule.needs) do
    if params[name] == nil then
      problem(name, ("is required with type '%s'"):format(kind))
    end
  end
  if not has_any(params, IS_BOUND) then
    return
  end
  local allowed = set_of(rule.needs, rule.may or {})
  for _, name in ipairs(BOUND_TO_TYPE) do
    if params[name] ~= nil and not allowed[name] then
      problem(name, ("does not go with type '%s'"):format(kind))
    end
  end
end

local function binary_fits(params, problem)
  if params.body and params.udh and (#params.body + #params.udh) / 2 > MOST_BINARY then
    problem("body", ("must have at most %d octets together with udh"):format(MOST_BINARY))
  end
end

--- Characters outside GSM 7-bit are lost under type `text`: choose `unicode`, or refuse.
local function choose_type(params, problem, client)
  if not params.text or (params.type and params.type ~= "text") then
    if params.type ~= "unicode" then
      params.text = nil
    end
    return
  end
  local encoding, _, _, position = measure(params.text)
  if encoding ~= "UCS-2" then
    return
  elseif not params.type and client.auto_unicode then
    params.type = "unicode"
    return
  end
  problem("text", ("the character at byte %d does not fit type 'text'"):format(position))
end

types.rules = { goes_with_type, binary_fits, choose_type }

-- What these rules come to where none of the fields bound to a type is given: there must be a
-- text, which goes with type `unicode`, or without a type, where it fits GSM 7-bit; a misfit
-- gets its type where the client's option says so. sms.schema.writer knows that.
types.usual = { option = "auto_unicode", text = "text", type = "type", misfit = "unicode",
  without = BOUND_TO_TYPE }

return types
