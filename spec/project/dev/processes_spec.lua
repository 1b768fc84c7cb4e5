-- Whatever ends ./dev while suites run: they end with it, and so does all that they have started.

local child = require "spec.support.child"
local process = require "spec.support.process"

-- Each takes ten seconds or more, and starts programs of its own.
local SUITES = [["LuaJIT: nginx/hooks/told" "LuaJIT: promises/crashes/hook" "lint: cppcheck"]]

-- How Ctrl-C and others end it: a signal for it alone, or for its group.
local ENDS = {
  ["TERM"] = { "kill -TERM %d", 143 },
  ["Ctrl-C"] = { "kill -INT -%d", 130 },
  ["INT for it alone"] = { "kill -INT %d", 130 },
  ["TERM beside loops"] = { "kill -TERM %d", 143, "busy" },
  ["TERM for its group, as of timeout"] = { "kill -TERM -%d", 143 },
}

describe("Suites", function()
  local folder

  before_each(function() folder = process.output_of "mktemp -d" end)
  after_each(function() child.shell("rm -rf " .. folder) end)

  --- Processes of the run: by their environment, or by the folder they have.
  local function left()
    return process.output_of(([[
      cd /proc
      {
        grep -lsazxF 'SMS_SPEC_MARK=%s' [0-9]*/environ
        grep -lsaE '^nginx.* -p %s/' [0-9]*/cmdline
      } | while IFS=/ read -r one _; do
        echo "$(tr '\0' ' ' <$one/cmdline)"
      done 2>/dev/null]]):format(folder, folder))
  end

  --- Starts them, as a group of their own to which Ctrl-C is not lost.
  local function start(beside)
    os.execute(([[
      cd %s && mkdir files && cd "$OLDPWD"
      (
        export SMS_SPEC_MARK=%s TMPDIR=%s/files
        setsid sh -c 'echo $$ >%s/pid
          exec env --default-signal=INT ./dev %s some-suites %s' >%s/out 2>&1 </dev/null
        echo $? >%s/status
      ) &]]):format(folder, folder, folder, folder, beside or "", SUITES, folder, folder))
    process.wait("an nginx of theirs", 30, function() return left():find("nginx -p", 1, true) end)
    return tonumber(process.read(folder .. "/pid"))
  end

  for how, case in pairs(ENDS) do
    it("end with ./dev by " .. how, function()
      child.shell(case[1]:format(start(case[3])))
      local status = process.wait("its end", 20, function()
        return tonumber(process.read(folder .. "/status") or "")
      end)
      assert.equal(case[2], status, process.read(folder .. "/out"))
      pcall(process.wait, "the end of nginx", 20, function() return left() == "" end)
      assert.equal("", left())
      assert.equal("", process.output_of(("ls %s/files"):format(folder)))
    end)
  end
end)
