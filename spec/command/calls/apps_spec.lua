-- sms apps: list, show, create, update, delete.

local child = require "spec.support.child"
local cjson = require "cjson"
local process = require "spec.support.process"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

local URLS = { "--answer-url", "https://example.com/answer", "--event_url",
  "https://example.com/event" }

describe("sms apps", function()
  local home = run.home()
  local box = sandbox.for_specs()

  local function apps(...)
    local words = { "apps" }
    for _, word in ipairs { ... } do
      for _, one in ipairs(type(word) == "table" and word or { word }) do
        words[#words + 1] = one
      end
    end
    return run.sms(words, run.with(box, { HOME = home }))
  end

  --- Makes one; its id.
  local function made(name)
    local ended = apps("create", "--name", name, URLS, "--json")
    assert.same(0, ended.status, ended.err)
    return cjson.decode(ended.out).id
  end

  it("creates one, whose private key is told this once", function()
    local ended = apps("create", "--name", "Demo", URLS)
    assert.same(0, ended.status, ended.err)
    assert.matches("^id +%x+%-[%x-]+\nname +Demo\n", ended.out)
    assert.matches("keys.private_key\n%-%-%-%-%-BEGIN PRIVATE KEY", ended.out)
    assert.matches("keep it", ended.err, 1, true)
    local id = ended.out:match "^id +(%S+)"
    local shown = apps("show", id)
    assert.same({ 0, "" }, { shown.status, shown.err })
    assert.matches("answer_url.address +https://example.com/answer\n", shown.out)
    assert.not_matches("PRIVATE", shown.out, 1, true)
  end)

  it("writes the private key into a file, for its owner alone", function()
    local path = home .. "/app's.pem"
    local ended = apps("create", "--name", "Demo", URLS, "--key-file", path, "--json")
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.same(path, cjson.decode(ended.out).key_file)
    assert.not_matches("PRIVATE", ended.out, 1, true)
    assert.matches("^%-%-%-%-%-BEGIN PRIVATE KEY", process.read(path))
    assert.same("600", process.output_of("stat -c %a " .. child.quoted(path)))
  end)

  it("says why the file cannot be written, and then creates nothing", function()
    local ended = apps("create", "--name", "Demo", URLS, "--key-file", "/nowhere/key.pem")
    assert.same({ 2, "" }, { ended.status, ended.out })
    assert.matches("^sms: %-%-key%-file: /nowhere/key%.pem cannot be written: %a", ended.err)
  end)

  it("never writes over a file, and then creates nothing", function()
    local path = home .. "/there.pem"
    child.shell("echo mine >" .. path)
    local ended = apps("create", "--name", "Demo", URLS, "--key-file", path)
    assert.same({ 2, "" }, { ended.status, ended.out })
    assert.matches("is there already, and is not written over", ended.err, 1, true)
    ended = apps("create", "--name", "Demo", URLS, "--key-file", home .. "/nowhere/key.pem")
    assert.same(2, ended.status)
    assert.matches("cannot be written: ", ended.err, 1, true)
    assert.same("mine\n", process.read(path))
    assert.same(0, #box:arrivals "create_application")
  end)

  it("leaves no file where nothing was created", function()
    local path = home .. "/none.pem"
    box:fault { operation = "create_application", kind = "status", status = 400 }
    assert.same(4, apps("create", "--name", "Demo", URLS, "--key-file", path).status)
    assert.is_nil(process.read(path))
    assert.same(0, apps("create", "--dry-run", "--name", "Demo", URLS, "--key-file", path).status)
    assert.is_nil(process.read(path))
  end)

  it("says what to do where it is not known whether it was created", function()
    box:fault { operation = "create_application", kind = "lost_answer" }
    local ended = apps("create", "--name", "Demo", URLS)
    assert.same({ 5, "" }, { ended.status, ended.out })
    assert.matches("`sms apps list` shows whether it is there", ended.err, 1, true)
    assert.same(1, #box:arrivals "create_application")
  end)

  it("says what is missing, and what stands in its place", function()
    local ended = apps("create", "--name", "Demo")
    assert.same(3, ended.status)
    assert.matches("answer_url: is required, unless capabilities is given", ended.err, 1, true)
    assert.matches("also event_url", ended.err, 1, true)
    ended = apps("create", "--name", "Demo", "--capabilities", '{"vbc":{}}')
    assert.same(0, ended.status, ended.err)
    ended = apps("create", "--name", "Demo", "--capabilities", "vbc")
    assert.same(2, ended.status)
    assert.matches("--capabilities: takes JSON", ended.err, 1, true)
  end)

  it("lists all of them, or so many", function()
    local ids = { made "one", made "two", made "three" }
    local ended = apps "list"
    assert.same({ 0, "" }, { ended.status, ended.err })
    for i, id in ipairs(ids) do
      assert.matches(id .. "  " .. ({ "one", "two", "three" })[i] .. "\n", ended.out, 1, true)
    end
    ended = apps("list", "--limit", "2", "--json")
    assert.same(0, ended.status)
    assert.same(2, select(2, ended.out:gsub("\n", "")))
    assert.matches("the first 2; there are more", ended.err, 1, true)
    assert.same(2, apps("list", "--limit", "0").status)
  end)

  it("says that there are none", function()
    assert.same({ status = 0, out = "", err = "sms: there are none\n" }, apps "list")
  end)

  it("changes one", function()
    local id = made "before"
    local ended = apps("update", id, "--name", "after", URLS)
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.matches("name +after\n", apps("show", id).out)
    ended = apps("update", "--dry-run", id, "--name", "again", URLS)
    assert.same(0, ended.status)
    assert.matches("^PUT ", ended.out)
    assert.matches("name +after\n", apps("show", id).out)
  end)

  it("deletes one only where it is told to", function()
    local id = made "mine"
    local ended = apps("delete", id)
    assert.same({ 2, "" }, { ended.status, ended.out })
    assert.matches("needs --yes", ended.err, 1, true)
    assert.matches("Delete the application " .. id .. " (mine)? This cannot be undone.", ended.err,
      1, true)
    assert.same(0, #box:arrivals "delete_application")
    assert.same(0, apps("delete", "--dry-run", id).status)
    assert.same(0, #box:arrivals "delete_application")
    assert.same({ status = 0, out = "deleted  " .. id .. "\n", err = "" },
      apps("delete", id, "--yes"))
    ended = apps("show", id)
    assert.same({ 1, "" }, { ended.status, ended.out })
    assert.matches("not_found", ended.err, 1, true)
  end)

  it("needs to be told what to do", function()
    for _, words in ipairs { {}, { "lst" }, { "show" }, { "list", "--nmae" } } do
      local ended = apps(words)
      assert.same({ 2, "" }, { ended.status, ended.out }, table.concat(words, " "))
    end
    assert.matches("did you mean 'list'", apps("lst").err, 1, true)
  end)
end)
