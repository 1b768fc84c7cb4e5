-- ./dev release: what it makes, that it makes the same each time, and when it refuses.

local child = require "spec.support.child"
local process = require "spec.support.process"
local sms = require "sms"
local tarball = require "spec.support.dev.tarball"

local VERSION = tarball.version()
local NAME = "lua-sms-" .. VERSION
local MADE = "build/release/"

describe("./dev release", function()
  local copy, first -- one that is released and not changed, and the sums of what that made

  --- What it makes where nothing is wrong: the sums of its files.
  local function sums(of, environment)
    local ended = of:run((environment or "") .. " ./dev release")
    assert.equal(0, ended.status, ended.err)
    return of:read(MADE .. "SHA256SUMS")
  end

  --- One for this case alone.
  local function another()
    local other = tarball.new()
    finally(function() other:remove() end)
    return other
  end

  setup(function()
    copy = tarball.new()
    first = sums(copy)
  end)
  teardown(function() copy:remove() end)

  it("makes tarball, rockspec, source rock and checksums", function()
    local names = {}
    for sum, name in first:gmatch "(%x+)  (%S+)\n" do
      assert.equal(64, #sum)
      names[#names + 1] = name
    end
    table.sort(names)
    assert.same({ NAME .. "-1.rockspec", NAME .. "-1.src.rock", NAME .. ".tar.gz" }, names)
    assert.equal(0, copy:run("cd build/release && sha256sum --check --strict SHA256SUMS").status)
    assert.equal(4, #child.names_in(copy.dir .. "/build/release"))
  end)

  it("makes the same bytes wherever, whenever and by whomever", function()
    local other = another()
    other:run "find . -exec touch -d 2001-02-03 {} + && chmod -R go-rwx . && mkdir build"
    assert.equal(first, sums(other, "umask 077; TZ=Asia/Tokyo LC_ALL=C.UTF-8"))
    assert.not_equal(first, sums(other, "SOURCE_DATE_EPOCH=1700000000"))
    local listed = other:run(("TZ=UTC tar -tvzf %s%s.tar.gz"):format(MADE, NAME)).out
    assert.matches("2023%-11%-14 22:13", listed)
  end)

  it("makes of the tarball what it makes of the tree", function()
    assert.equal(0, copy:run(("mkdir build/again && tar -xzf %s%s.tar.gz -C build/again"):format(
      MADE, NAME)).status)
    local unpacked = setmetatable({ dir = copy.dir .. "/build/again/" .. NAME },
      getmetatable(copy))
    assert.equal(first, sums(unpacked))
  end)

  it("names no place of the project where none is given", function()
    local rockspec = copy:read(MADE .. NAME .. "-1.rockspec")
    assert.matches('\nversion = "' .. VERSION .. '-1"\n', rockspec, 1, true)
    assert.is_nil(rockspec:find "https?:" or rockspec:find "homepage" or rockspec:find "issues_url")
    local pages = copy:run(("tar -xzOf %s%s.tar.gz --wildcards '*/SECURITY.md'"):format(MADE, NAME))
    assert.matches("^# Security\n.*\n## What is not\n", pages.out)
    assert.is_nil(pages.out:find "## Reporting")
  end)

  it("names those that are given", function()
    local other = another()
    sums(other, [[SMS_HOMEPAGE=https://sms.example/ \
      SMS_ISSUES='https://sms.example/issues?a=1&b=2' SMS_SECURITY=security@sms.example]])
    local rockspec = other:read(MADE .. NAME .. "-1.rockspec")
    local spec = {}
    local chunk = (loadstring or load)(rockspec, "=rockspec", "t", spec) -- luacheck: ignore
    if rawget(_G, "setfenv") then setfenv(chunk, spec) end -- luacheck: ignore
    chunk()
    assert.equal("https://sms.example/", spec.description.homepage)
    assert.equal("https://sms.example/issues?a=1&b=2", spec.description.issues_url)
    assert.equal(NAME, spec.source.dir)
    local pages = other:run(("tar -xzOf %s%s.tar.gz --wildcards '*/SECURITY.md'"):format(MADE,
      NAME))
    assert.matches("\n## Reporting\n\n[^\n]*<security@sms.example>", pages.out)
  end)

  for variable, value in pairs { SMS_HOMEPAGE = "sms.example", SMS_ISSUES = "https://a\"b",
    SMS_SECURITY = "someone" } do
    it("refuses what is no address: " .. variable, function()
      local ended = copy:run(("%s='%s' ./dev release"):format(variable, value))
      assert.equal(2, ended.status)
      assert.equal(("dev: %s is no address: %s\n"):format(variable, value), ended.err)
    end)
  end

  it("refuses a version without a heading, or without its files", function()
    local later = another()
    later:change("CMakeLists.txt", tarball.version " ":match "^%S+", "7.8.9")
    local ended = later:run "./dev release"
    assert.equal(1, ended.status)
    local version = VERSION:gsub("^[%d.]+", "7.8.9")
    local said = [[dev: VERSION cannot be released yet:
CHANGELOG.md has no heading '## [VERSION] - YYYY-MM-DD'
spec/kept/ has no files of VERSION: lua5.4 spec/kept/make.lua VERSION
]]
    assert.equal((said:gsub("VERSION", version)), ended.err)
    assert.is_nil(later:read(MADE .. "SHA256SUMS"))
  end)

  it("says where something stands under [Unreleased], which is released all the same", function()
    local other = another()
    other:run [[sed -i '/^## \[Unreleased\]/,/^## \[[0-9]/{/^## /!d}' CHANGELOG.md]]
    local ended = other:run "./dev release"
    assert.same({ 0, "" }, { ended.status, ended.err })
    other:change("CHANGELOG.md", "## [Unreleased]\n",
      "## [Unreleased]\n\n### Fixed\n\n- A fault.\n")
    ended = other:run "./dev release"
    assert.same({ 0, "dev: what CHANGELOG.md has under [Unreleased] is in them, too\n" },
      { ended.status, ended.err })
  end)

  it("refuses what is not committed", function()
    local other = another()
    local made = other:run("git init -q . && git add -A && git -c user.name=A -c user.email=a@b.c "
      .. "commit -qm all")
    if made.status ~= 0 then return pending("git: " .. made.err) end
    sums(other)
    other:run "echo >lua/sms/new.lua"
    local ended = other:run "./dev release"
    assert.equal(1, ended.status)
    assert.matches("\nsomething is not committed: git status\n$", ended.err)
    other:run "rm lua/sms/new.lua; echo >>README.md"
    assert.equal(1, other:run("./dev release").status)
  end)
end)

describe("The version", function()
  it("is that of CMakeLists.txt for the module and the command", function()
    assert.equal(VERSION, sms.version)
    assert.equal("sms " .. VERSION .. "\n", child.shell("exec " .. child.command("bin/sms",
      { "--version" })).out)
  end)

  it("has its suffix behind a tilde in Debian, where it is older than the version", function()
    local told = process.output_of [[. tools/release.sh; version_of_tree "~"]]
    assert.equal(tarball.version "~", told)
    if told:find "~" then
      assert.equal(0, child.shell(("dpkg --compare-versions '%s' lt '%s'"):format(told,
        told:match "^[^~]*")).status)
    end
  end)

  it("stands nowhere else in the tree", function()
    local found = process.output_of(([[grep -rlF '%s' . --exclude-dir='build*' --exclude-dir=.git \
      --exclude-dir=kept | LC_ALL=C sort]]):format(VERSION))
    assert.equal("./CHANGELOG.md", (found:gsub("\n%./CONTRIBUTING.md", "")))
    assert.same({ "lua-sms-scm-1.rockspec" }, { process.output_of "ls *.rockspec" })
  end)
end)
