--- Checks single items as send_all does, with none of its options.

local bulk_options = require "sms.bulk.options"
local feed = require "sms.bulk.feed"

local checker = {}

--- What says what is wrong with an item of a client's send_all.
---@param client table
---@return fun(item: table): table? check gives an error, or nil
function checker.new(client)
  local provider = client.provider
  local operation = client.operations[provider.bulk.operation]
  local read, _, chosen = bulk_options.read(provider, client.settings, operation)
  local made, err = feed.new(client, read, chosen)
  return function(item)
    return err or made:problem(item)
  end
end

return checker
