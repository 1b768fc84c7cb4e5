-- A helper of busted: the suite runs in the locale SMS_TEST_LOCALE, which the host has chosen
-- before it loads the library; or after it, with SMS_TEST_LOADED=1.

if os.getenv "SMS_TEST_LOADED" then
  local files = assert(io.popen "find lua/sms -name '*.lua'")
  for path in files:lines() do
    -- Those that nginx or an event loop must be there for are not.
    pcall(require, (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")))
  end
  files:close()
end
assert(os.setlocale(os.getenv "SMS_TEST_LOCALE"))
require "cjson".new() -- which specs read with: it looks at the locale only here
