-- Checked params become the parts of an HTTP request.

local request = require "sms.wire.request"

local BASE = "https://example.com/prefix"

local fields = {
  { "id", type = "string", in_path = true }, { "z", type = "string" }, { "a-b", type = "integer" },
  { "flag", type = "boolean" }, { "page_index", type = "integer", sent_as = "page", plus = 1 },
}

local function operation(more)
  local all = { "op", method = "GET", path = "/things", fields = fields, type = "record" }
  for name, value in pairs(more or {}) do
    all[name] = value
  end
  return all
end

describe("A request", function()
  it("escapes every byte but the unreserved", function()
    for byte = 0, 255 do
      local character = string.char(byte)
      local expected = character:find "^[A-Za-z0-9%-._~]$" and character
        or ("%%%02X"):format(byte)
      assert.equal(expected, request.escape(character))
    end
    assert.equal("1%20%2B%201%20%26%202%3D%25", request.escape "1 + 1 & 2=%")
    assert.same({ "" }, { request.escape "" })
  end)

  it("has a query in the declared order", function()
    local built = request.build(operation(), { ["a-b"] = 0, z = "é +", flag = false,
      page_index = 0 }, BASE)
    assert.same({ method = "GET", content = "none",
      url = BASE .. "/things?z=%C3%A9%20%2B&a-b=0&flag=false&page=1" }, built)
  end)

  it("has no query where nothing is given", function()
    assert.equal(BASE .. "/things", request.build(operation(), {}, BASE).url)
  end)

  it("has names in its path, in one piece, and nowhere else", function()
    local built = request.build(operation { path = "/things/{id}/x" },
      { id = "a/b?c#d e", z = "1" }, BASE)
    assert.equal(BASE .. "/things/a%2Fb%3Fc%23d%20e/x?z=1", built.url)
  end)

  it("has a form, and its pairs for what signs them", function()
    local built = request.build(operation { method = "POST", body = "form" },
      { z = "a&b=c", ["a-b"] = 604800000.0, flag = true }, BASE)
    assert.same({ method = "POST", content = "form", url = BASE .. "/things",
      body = "z=a%26b%3Dc&a-b=604800000&flag=true" }, built)
    built = request.build(operation { method = "POST", body = "form" },
      { z = "a&b=c", ["a-b"] = 604800000.0, flag = true }, BASE, nil, true)
    assert.same({ method = "POST", content = "form", url = BASE .. "/things",
      form = { "z", "a&b=c", "a-b", "604800000", "flag", "true" } }, built)
  end)

  it("has an empty form where nothing is given", function()
    assert.equal("", request.build(operation { method = "POST", body = "form" }, {}, BASE).body)
  end)

  it("has a JSON body without what stands in the path", function()
    local built = request.build(operation { method = "PUT", path = "/things/{id}", body = "json" },
      { id = "1", z = "é", flag = false }, BASE, { more = { 1 } })
    assert.same({ method = "PUT", content = "json", url = BASE .. "/things/1",
      body = '{"z":"é","flag":false,"more":[1]}' }, built)
  end)

  it("has the body that the operation itself writes", function()
    local given = {}
    local built = request.build(operation { method = "PUT", body = "json",
      encode = function(params, extra)
        given = { params, extra }
        return "{}"
      end }, { z = "a" }, BASE, { more = 1 })
    assert.equal("{}", built.body)
    assert.same({ { z = "a" }, { more = 1 } }, given)
  end)

  it("has what is not declared at its end, sorted", function()
    local extra = { z2 = "a b", b = 2 ^ 31, a = false }
    assert.equal(BASE .. "/things?z=1&a=false&b=2147483648&z2=a%20b",
      request.build(operation(), { z = "1" }, BASE, extra).url)
    assert.equal("z=1&a=false&b=2147483648&z2=a%20b",
      request.build(operation { body = "form" }, { z = "1" }, BASE, extra).body)
  end)

  it("does not change what it is given", function()
    local params, extra = { z = "1", page_index = 4 }, { a = 1 }
    request.build(operation { body = "form" }, params, BASE, extra)
    assert.same({ { z = "1", page_index = 4 }, { a = 1 } }, { params, extra })
  end)
end)
