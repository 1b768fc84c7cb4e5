--- Completion of the command's words in bash and zsh, made of its argument tree by argparse.

local completion = {}

--- Leaves out what is not shown, and offers the words that a param may have, which argparse is not
--- told of: the library takes them in other spellings, too.
local function prepare(parser)
  local options = {}
  for _, option in ipairs(parser._options) do
    if not option._hidden then
      option._aliases = option._public_aliases
      if option.words then
        option:choices(option.words)
      end
      options[#options + 1] = option
    end
  end
  parser._options = options
  for _, command in ipairs(parser._commands) do
    prepare(command)
  end
end

--- The script of a shell.
---@param parser table the command's, which is of no other use then
---@param shell string "bash" or "zsh"
---@return string
function completion.text(parser, shell)
  prepare(parser)
  return parser[("get_%s_complete"):format(shell)](parser)
end

return completion
