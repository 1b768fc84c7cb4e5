--- The works of a peer that speaks HTTP and no more, written by hand around it: forms are
--- escaped and JSON made and read, but nothing is checked and only success is known.
---
---   unchecked(escape, function(path, body, content_type) … return status, reply end)

local cjson = require "cjson"
local work = require "bench.work"

local FORM = "application/x-www-form-urlencoded"
local JSON = "application/json"

--- Runs the work that is asked for.
---@param escape function percent-encodes a text
---@param request function posts, or gets where there is no body
---@param side_by_side function? runs all functions of a list side by side
return function(escape, request, side_by_side)
  work.run({
    sms = function(message)
      local status, reply = request("/sms/json", "from=" .. escape "Acme"
        .. "&to=" .. escape(message.to) .. "&text=" .. escape(message.text)
        .. "&client-ref=" .. escape(message.reference), FORM)
      work.check(status == 200 and cjson.decode(reply).messages[1].status == "0", status)
    end,
    tables = function(message)
      local status, reply = request("/rest/v1/jobs", cjson.encode(work.job(message)), JSON)
      work.check(status == 201 and cjson.decode(reply).jobId, status)
    end,
    report = function()
      local status, reply = request(work.report_path)
      work.check(status == 200 and work.is_report(cjson.decode(reply)), status)
    end,
  }, side_by_side)
end
