# The sandbox, for ./dev demo and ./dev sandbox. A part of ./dev.

start_sandbox() {
  box=$temporary/sandbox
  sandbox/start --until $$ "$box" >/dev/null
}

url() { # name
  sed -n "s/^$1=//p" "$box/urls"
}

setting() { # name: a text among the sandbox's own settings
  sed -n "s/^ *$1 = \"\\(.*\\)\",.*/\\1/p" sandbox/settings.lua
}

describe_sandbox() {
  cat <<END
Both providers on loopback, until Ctrl-C. A program that names neither addresses nor credentials
speaks to it with this in its environment:

export SMS_SANDBOX='$box'

base_url
  Retarus  $(url retarus)
  Nexmo    $(url nexmo)
control    $(url control)/_sandbox/
page       $(url page)

local retarus = sms.retarus {
  username = "$(setting retarus_username)", password = "$(setting retarus_password)",
  hosts = {
    send = "$(url retarus_send)", de2 = "$(url retarus_de2)", de1 = "$(url retarus_de1)",
  },
}
local nexmo = sms.nexmo {
  api_key = "$(setting nexmo_key)", api_secret = "$(setting nexmo_secret)",
  hosts = { rest = "$(url nexmo_rest)", api = "$(url nexmo_api)" },
}

An application for the Voice API, with its private key: GET $(url control)/_sandbox/application
END
}
