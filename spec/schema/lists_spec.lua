-- Lists as lua-cjson of OpenResty tells them, by metatables, and cjson as hosts change it.

local lua_process = require "spec.support.lua_process"
local raw_server = require "spec.support.servers.raw_server"

-- What APISIX does: every instance of cjson decodes lists with a metatable. Where lua-cjson has
-- none, as Debian's, it is done by hand.
local HOST = [[
local cjson = require "cjson"
local array_mt = cjson.array_mt or { __name = "array" }
local empty_array_mt = cjson.empty_array_mt or { __name = "empty array" }
local function mark(value)
  for _, part in pairs(type(value) == "table" and value or {}) do mark(part) end
  return type(value) == "table" and #value > 0 and setmetatable(value, array_mt) or value
end
local new = cjson.new
function cjson.new()
  local instance = new()
  local decode = instance.decode
  instance.array_mt, instance.empty_array_mt = array_mt, empty_array_mt
  instance.decode = function(text) return mark(decode(text)) end
  return instance
end
local function list(...) return setmetatable({ ... }, array_mt) end
local function empty() return setmetatable({}, empty_array_mt) end
]]

local CLIENT = [[
local nexmo = require "sms".nexmo { api_key = "k", api_secret = "s", base_url = os.getenv "URL",
  rate_limit = false, retry = false }
local retarus = require "sms".retarus { username = "u", password = "p",
  base_url = os.getenv "URL", rate_limit = false, retry = false }
]]

describe("cjson's lists", function()
  local function told_by(program, environment)
    return (lua_process.run(HOST .. program, environment):gsub("\n$", ""))
  end

  it("are lists where they are empty", function()
    assert.equal('[] [] {} {"a":[],"b":{},"c":[1,[]],"d":[2]}', told_by [[
      local json = require "sms.base.json"
      io.write(json.encode_any(list()), " ", json.encode_any(empty()), " ",
        json.encode_any({}), " ", json.encode_any { a = list(), b = {}, c = list(1, empty()),
        d = setmetatable({ 2 }, empty_array_mt) })
    ]])
  end)

  it("are lists in what is sent, declared or not", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    server:reply(raw_server.http(201, '{"jobId":"J.1"}'))
    local out = told_by(CLIENT .. [[
      local result, err = retarus:send_job({ messages = list { text = "Hello",
        recipients = list { dst = "4917600000000" } } },
        { extra = { more = list(), none = {}, deep = { list(empty()) } } })
      io.write(result and result.jobId or tostring(err))
    ]], { URL = server.url })
    assert.equal("J.1", out)
    assert.matches('{"messages":[{"text":"Hello","recipients":[{"dst":"4917600000000"}]}],'
      .. '"deep":[[[]]],"more":[],"none":{}}', server:requests()[1].text, 1, true)
  end)

  it("are no objects", function()
    assert.equal("capabilities: must have names for keys|messages: must be a list|", told_by(CLIENT
      .. [[
      local function say(_, err)
        io.write(err.problems[1].path, ": ", err.problems[1].message, "|")
      end
      say(nexmo:create_application { name = "a", capabilities = list() })
      say(retarus:send_job { messages = setmetatable({ a = 1 }, array_mt) })
    ]], { URL = "http://127.0.0.1:9" }))
  end)

  it("are in results, which say what the provider said", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    server:reply(raw_server.http(200, '{"count":1,"numbers":[{"country":"GB",'
      .. '"msisdn":"447700900000","type":"mobile-lvn","features":["SMS","VOICE"]}]}'))
    assert.equal("1 447700900000 SMS,VOICE true", told_by(CLIENT .. [[
      local result, err = nexmo:list_owned_numbers {}
      if not result then io.write(tostring(err)) return end
      local number = result.numbers[1]
      io.write(result.count, " ", number.msisdn, " ", table.concat(number.features, ","), " ",
        tostring(getmetatable(number.features) == array_mt))
    ]], { URL = server.url }))
  end)

  it("come from cjson.safe in the place of cjson, too", function()
    assert.equal("1 nil the reply is not JSON nil the reply is not JSON", told_by [[
      package.loaded.cjson = require "cjson.safe"
      local json = require "sms.base.json"
      io.write(json.decode '{"a":1}'.a)
      for _, text in ipairs { "{", '{"a":tru}' } do
        local value, why = json.decode(text)
        io.write(" ", tostring(value), " ", why)
      end
    ]])
  end)
end)
