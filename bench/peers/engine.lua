--- The library's own engine: what would be left of lua-sms without checks, limits and outcomes.

local core = require "sms.core"
local request = require "bench.request"
local runtime = require "sms.runtime"
local unchecked = require "bench.peers.unchecked"

unchecked(core.escape, request, runtime.all)
