-- Follows a page to the letter: its files are saved, and its commands typed in one shell, in a
-- folder that looks like the checkout. What is not as on the page: the ports 8080 and 6379 are
-- free ones, modules are those of SMS_NGINX where that is set, and the sandbox ends with the specs
-- and has accounts of its own: those with one key share a limit on this machine.
--
--   session.follow "docs/guides/nginx.md"

local blocks = require "spec.support.pages.blocks"
local child = require "spec.support.child"
local nginx = require "spec.support.servers.nginx"
local nginx_conf = require "spec.support.servers.nginx_conf"
local process = require "spec.support.process"

local session = {}

-- What the library and the command read, and must not have from the surroundings.
local HIDDEN = { "NEXMO_API_KEY", "NEXMO_API_SECRET", "NEXMO_SIGNATURE_SECRET",
  "NEXMO_SIGNATURE_METHOD", "NEXMO_APPLICATION_ID", "NEXMO_PRIVATE_KEY", "NEXMO_BASE_URL",
  "RETARUS_USERNAME", "RETARUS_PASSWORD", "RETARUS_BASE_URL", "SMS_SANDBOX", "XDG_CONFIG_HOME",
  "XDG_STATE_HOME", "http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy",
  "ALL_PROXY", "NGINX" }

local PATIENCE = 120 -- seconds for all that a page does

local PREPARE = [[
set -e
here=$(pwd)
mkdir -p "$folder/home" "$folder/path"
for name in *; do
  [ "$name" = sandbox ] || ln -s "$here/$name" "$folder/$name"
done
cp -R sandbox "$folder/sandbox"
sed -i "s/\(nexmo_key\|retarus_username\) = \".*\"/\1 = \"$account\"/" \
  "$folder/sandbox/settings.lua"
mv "$folder/sandbox/start" "$folder/sandbox/begin"
printf '#!/bin/sh\nexec "${0%%/*}/begin" --until %s "$@"\n' "$parent" >"$folder/sandbox/start"
[ ! -e bin/sms ] || printf '#!/bin/sh\nexec lua5.4 "%s/bin/sms" "$@"\n' "$here" >"$folder/path/sms"
printf '%s' "$nginx" >"$folder/path/nginx"
chmod 755 "$folder" "$folder"/path/* "$folder/sandbox/start"
# Whatever becomes of the specs, what is started here ends with them.
(
  while kill -0 "$parent" && [ -d "$folder" ]; do sleep 1; done
  for file in $(find "$folder" -name nginx.pid -o -name redis.pid); do kill "$(cat "$file")"; done
  rm -rf "$folder"
) >/dev/null 2>&1 &
]]

local SCRIPT = [[
cd %s || exit 1
unset %s
export HOME="$PWD/home" PATH="$PWD/path:$PATH:/usr/sbin" SMS_NGINX=%s
set -e
]]

local FINISH = [[
for file in $(find %s -name nginx.pid -o -name redis.pid); do
  pid=$(cat "$file")
  kill "$pid"
  while kill -0 "$pid"; do sleep 0.05; done
done 2>/dev/null
rm -rf %s
]]

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

--- A configuration for Debian's nginx, as another program takes it.
local function for_this_nginx(code)
  local others, count = code:gsub("load_module /usr/lib/nginx/[^\n]*\n", "")
  return os.getenv "SMS_NGINX" and count > 0 and nginx_conf.load_modules() .. others or code
end

--- A page's files and commands, as they are written down here.
local function prepare(page, folder)
  local port, redis_port, commands = nginx.free_port(), nginx.free_port(), {}
  for _, block in ipairs(blocks.of(page)) do
    block.code = block.code:gsub("8080", tostring(port)):gsub("6379", tostring(redis_port))
    if block.name then
      write(folder .. "/" .. block.name, for_this_nginx(block.code))
    elseif block.kind == "sh run" then
      commands[#commands + 1] = block
    end
  end
  return commands
end

--- A folder in which a page is followed; what it holds is removed by `FINISH`.
local function open_folder()
  local folder = process.output_of "mktemp -d ${TMPDIR:-/tmp}/page.XXXXXX"
  local ready = child.shell(("folder=%s parent=%s account=%s nginx=%s\n%s"):format(
    child.quoted(folder), process.output_of "echo $PPID", folder:match "[^/.]+$",
    child.quoted(nginx.script()), PREPARE))
  assert(ready.status == 0, ready.err)
  return folder
end

local MARK = "\n@ block %d\n"

--- What each of the commands has printed, as far as they came.
local function printed_by(commands, out)
  local at = 1
  for i, block in ipairs(commands) do
    local _, last = out:find(MARK:format(i), at, true)
    local first = out:find(MARK:format(i + 1), at, true)
    block.printed = last and out:sub(last + 1, (first or #out + 1) - 1)
    at = last or at
  end
end

--- Follows a page, which must end well and print what it promises.
---@param page string
function session.follow(page)
  local folder = open_folder()
  local quoted = child.quoted(folder)
  local commands = prepare(page, folder)
  local script = { SCRIPT:format(quoted, table.concat(HIDDEN, " "), child.quoted(nginx.program)) }
  for i, block in ipairs(commands) do
    script[#script + 1] = ("printf '%s'\n%s"):format(MARK:format(i):gsub("\n", "\\n"), block.code)
  end
  write(folder .. "/commands.sh", table.concat(script))
  local ended = child.shell(("timeout %d sh %s/commands.sh"):format(PATIENCE, quoted))
  child.shell(FINISH:format(quoted, quoted))
  printed_by(commands, ended.out)
  for _, block in ipairs(commands) do
    assert(block.printed, ("not reached: line %d\n%s\n%s"):format(block.line, ended.out, ended.err))
    blocks.check(block.code, block.printed)
  end
  assert(ended.status == 0, ended.out .. ended.err)
end

return session
