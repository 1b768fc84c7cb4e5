-- Completion of the command's words, in the shells themselves; and its man page, as man shows it.

local child = require "spec.support.child"
local commands = require "sms_command.commands"
local process = require "spec.support.process"
local run = require "spec.support.runs.command"

local unpack = table.unpack or unpack

local has_zsh = child.shell("command -v zsh").status == 0
local has_man = child.shell("command -v man groff").status == 0

-- What bash offers for words of a command line, the last of which is being written.
local function offers(...)
  local words = { ... }
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = child.quoted(word) end
  local program = ([[. docs/command/sms.bash
    COMP_WORDS=(%s) COMP_CWORD=%d
    $(complete -p sms | sed 's/.*-F \([^ ]*\).*/\1/')
    printf '%%s\n' "${COMPREPLY[@]}"]]):format(table.concat(quoted, " "), #words - 1)
  local ended = child.shell("bash --norc -c " .. child.quoted(program))
  assert(ended.status == 0 and ended.err == "", ended.err)
  return (ended.out:gsub("\n", " "):gsub(" $", ""))
end

describe("Completion in bash", function()
  it("offers the subcommands", function()
    local all = " " .. offers("sms", "") .. " "
    for _, command in ipairs(commands) do
      assert.matches(" " .. command.name .. " ", all, 1, true)
    end
    assert.equal("sandbox", offers("sms", "sa"))
    assert.equal("list show create update delete", offers("sms", "apps", ""))
  end)

  it("offers the options of a subcommand, as they are documented", function()
    assert.equal("--status-report-req --statusRequested", offers("sms", "send", "--st"))
    assert.equal("--client-ref", offers("sms", "send", "--to", "447700900000", "--cl"))
    assert.equal("--key-file", offers("sms", "apps", "create", "--key"))
    for _, words in ipairs { { "apps", "create" }, { "sandbox" }, { "webhook", "listen" } } do
      words[#words + 1] = "--js"
      assert.equal("--json", offers("sms", unpack(words)))
    end
  end)

  it("offers the words that a param may have", function()
    assert.equal("text unicode binary wappush vcal vcard", offers("sms", "send", "--type", ""))
    assert.equal("EXPRESS", offers("sms", "send", "--qos", "E"))
    assert.equal("nexmo", offers("sms", "send", "--provider", "n"))
    assert.equal("contains ends starts", offers("sms", "numbers", "search", "--search_pattern", ""))
    assert.equal("GET POST", offers("sms", "call", "--callback_method", ""))
  end)

  it("offers files where there are no words", function()
    assert.matches("docs/command/sms.bash", offers("sms", "apps", "create", "--key-file",
      "docs/command/sms"), 1, true)
  end)

  it("offers no option that the command does not have", function()
    local help = run.sms({ "--help" }, {}).out .. run.sms({ "call", "--help" }, {}).out
    for option in offers("sms", "call", "--"):gmatch "%S+" do
      assert.matches(option, help, 1, true)
    end
  end)
end)

describe("Completion in zsh", function()
  if not has_zsh then
    return pending "zsh is not installed"
  end

  it("is read, and stands for sms", function()
    local ended = child.shell([[zsh -f -c '
      fpath=(docs/command $fpath)
      autoload -U compinit && compinit -u -D && echo $_comps[sms] && autoload +X _sms']])
    assert.same({ status = 0, out = "_sms\n", err = "" }, ended)
  end)
end)

describe("The man page", function()
  it("has each subcommand, exit code and variable", function()
    local text = process.read "docs/command/sms.1"
    for _, command in ipairs(commands) do
      assert.matches("\n.SS \\fBsms " .. command.name, text, 1, true)
    end
    for _, words in ipairs { ".SH EXIT STATUS", "\\fB130\\fR", "SMS_SANDBOX", "credentials" } do
      assert.matches(words, text, 1, true)
    end
  end)

  it("is shown without a complaint", function()
    if not has_man then return pending "man is not installed" end
    local ended = child.shell
      "LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l docs/command/sms.1 | col -b"
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.matches("\n       %-%-client%-ref VALUE\n", ended.out)
    assert.matches("\nEXIT STATUS\n       0      all was accepted", ended.out)
  end)
end)
