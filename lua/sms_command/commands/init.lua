--- The subcommands, in the order of the help. Each module returns
---
---   { name = "send", summary = "Send a text.", declare = function(parser) … end,
---     run = function(arguments, session) return exit_code end }
---
--- `description` is for its own help; `flags` which of `json`, `dry_run` and `yes` that shows, left
--- out: all; a command within one may have `flags` of its own. What it does itself with
--- `session.dry_run` holds: nothing may be sent then.
---
--- or a list of such tables.

local commands = {}

local MODULES = {
  require "sms_command.commands.send",
  require "sms_command.commands.job",
  require "sms_command.commands.campaign",
  require "sms_command.commands.status",
  require "sms_command.commands.numbers",
  require "sms_command.commands.apps",
  require "sms_command.commands.call",
  require "sms_command.commands.account",
  require "sms_command.commands.measure",
  require "sms_command.commands.doctor",
  require "sms_command.outbox.worker",
  require "sms_command.outbox.people",
  require "sms_command.programs.sandbox",
  require "sms_command.programs.webhook",
}

for _, module in ipairs(MODULES) do
  for _, command in ipairs(module.name and { module } or module) do
    commands[#commands + 1] = command
  end
end

return commands
