--- `sms apps`: the account's applications.

local arguments = require "sms_command.arguments"
local change = require "sms_command.calls.change"
local key_file = require "sms_command.calls.key_file"
local listing = require "sms_command.calls.listing"
local outcome = require "sms_command.outcome"
local places = require "sms_command.places"

local PROVIDER = "nexmo"
local QUIET = { json = true, dry_run = true } -- flags of what asks nothing
local FIRST = { "id", "name" } -- what is told first of an application

local apps = { name = "apps" }

apps.summary = "List, create, change and delete applications."

local function operation(name)
  return arguments.operation(PROVIDER, name)
end

local function add_id(parser)
  parser:argument "id" :target "param application_id" :description "Id of the application."
end

--- The params of an operation; what an application is where it has no capabilities goes without
--- saying.
local function params_of(given, name)
  local params = arguments.params(given, operation(name))
  if params.type == nil and params.capabilities == nil then
    params.type = "voice"
  end
  return params
end

local actions = {}

local function list(given, session)
  local client = session.client(PROVIDER)
  local params = { page_size = listing.size(given.limit) }
  if session.dry_run then
    return session.preview(client, "list_applications", params)
  end
  return listing.show(session, client:each("list_applications", params), given.limit,
    function(app) return { app.id, app.name or "" } end)
end

local function show(given, session)
  local client, params = session.client(PROVIDER), arguments.params(given,
    operation "get_application")
  if session.dry_run then
    return session.preview(client, "get_application", params)
  end
  local app, err = client:get_application(params)
  if not app then
    return session.failed(err)
  end
  listing.record(session, app, FIRST)
  return outcome.OK
end

--- Tells a new application. Its key comes only now: it goes into its file, or is told with it.
local function tell_new(app, file, session)
  local key = app.keys and app.keys.private_key
  if file.path and key then
    local why
    file.has_key, why = places.write(file.path, key)
    if file.has_key then
      app.keys.private_key, app.key_file = nil, file.path
    else
      session.err:line(("sms: %s; the key is told here instead, once"):format(why))
    end
  elseif file.path then
    session.err:line "sms: no private key came, since a public one was given"
  elseif key then
    session.err:line "sms: the private key comes only now: keep it"
  end
  listing.record(session, app, FIRST)
end

local function create(given, session)
  local file = { path = given.key_file, has_key = false }
  local asked = { operation = "create_application", params = params_of(given, "create_application"),
    told = function(app) tell_new(app, file, session) end,
    in_doubt = "`sms apps list` shows whether it is there; its key is lost" }
  local client = session.client(PROVIDER)
  if not file.path or session.dry_run then
    return change.run(session, client, asked)
  end
  local ok, code = key_file.reserve(file.path)
  if not ok then
    return session.misuse("--key-file: %s", code)
  end
  ok, code = pcall(change.run, session, client, asked)
  if not file.has_key then
    key_file.give_up(file.path)
  end
  return ok and code or error(code, 0)
end

local function update(given, session)
  return change.run(session, session.client(PROVIDER), {
    operation = "update_application", params = params_of(given, "update_application"),
    told = function(app) listing.record(session, app, FIRST) end,
    in_doubt = "`sms apps show` shows what it has now",
  })
end

local function delete(given, session)
  local params = arguments.params(given, operation "delete_application")
  local client = session.client(PROVIDER)
  return change.run(session, client, {
    operation = "delete_application", params = params,
    question = function()
      local app = client:get_application(params)
      return ("Delete the application %s%s? This cannot be undone."):format(params.application_id,
        app and app.name and (" (%s)"):format(app.name) or "")
    end,
    told = function()
      if session.json then
        session.out:json { id = params.application_id, deleted = true }
      else
        session.out:row { "deleted", params.application_id }
      end
    end,
  })
end

function actions.list(parser)
  listing.add_limit(parser, "all")
end

function actions.show(parser)
  add_id(parser)
end

function actions.create(parser)
  arguments.add_params(parser, operation "create_application")
  parser:option "--key-file" :argname "FILE"
    :description "New file for the private key, for you alone; otherwise it is printed."
end

function actions.update(parser)
  add_id(parser)
  arguments.add_params(parser, operation "update_application", { application_id = true })
end

actions.delete = actions.show

local ACTIONS = {
  { "list", "List the account's applications.", list },
  { "show", "Show an application.", show },
  { "create", "Create an application. Its private key is told this once.", create },
  { "update", "Change an application; what is not named is kept.", update },
  { "delete", "Delete an application. This cannot be undone.", delete },
}

function apps.declare(parser)
  parser:command_target "action"
  for _, action in ipairs(ACTIONS) do
    local made = parser:command(action[1]):summary(action[2]):description(action[2])
    made.flags = action[1] ~= "delete" and QUIET or nil
    actions[action[1]](made)
  end
end

function apps.run(given, session)
  for _, action in ipairs(ACTIONS) do
    if action[1] == given.action then
      return action[3](given, session)
    end
  end
end

return apps
