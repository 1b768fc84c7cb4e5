-- Who may neither look at the sandbox nor switch it: what another site has a browser of this
-- machine ask.

local sandbox = require "spec.support.servers.sandbox"

describe("The controls of the sandbox refuse", function()
  local box = sandbox.for_specs()

  for name, headers in pairs {
    ["another site's script"] = { origin = "http://evil.example" },
    ["another program's page on this machine"] = { origin = "http://127.0.0.1:1" },
    ["a page without an origin"] = { origin = "null" },
    ["a name that was made to point here"] = { host = "evil.example" },
    ["a name that begins like this machine's"] = { host = "127.0.0.1.evil.example" },
    ["both"] = { host = "evil.example:80", origin = "http://evil.example:80" },
  } do
    it(name, function()
      for _, listener in ipairs { "control", "nexmo", "retarus" } do
        for _, path in ipairs { "reset", "faults", "settings", "inbound", "webhooks" } do
          local status, body = sandbox.request("POST", box.urls[listener] .. "/_sandbox/" .. path,
            '{"kind":"reset"}', headers)
          assert.same(403, status, path)
          assert.matches("foreign", body)
        end
        local url = box.urls[listener] .. "/_sandbox/arrivals"
        assert.same(403, (sandbox.request("GET", url, nil, headers)))
      end
      assert.same(403, (sandbox.request("GET", box.urls.page, nil, headers)))
      local _, body = sandbox.request("GET", box.urls.control .. "/_sandbox/faults")
      assert.same("[]", body)
    end)
  end

  it("not the page itself, nor programs", function()
    local control = box.urls.control .. "/_sandbox/faults"
    for _, headers in ipairs { {}, { origin = box.urls.control },
      { host = "localhost:1", origin = "http://localhost:1" } } do
      assert.same(200, (sandbox.request("POST", control, '{"kind":"throttle"}', headers)))
    end
  end)
end)
