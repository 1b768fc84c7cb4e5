-- The sandbox' page in headless Chromium, in the long form of the tests alone (SMS_TEST_LONG=1).
-- SMS_TEST_PICTURES=docs puts the page's pictures there.

local browser = require "spec.support.pages.browser"
local child = require "spec.support.child"
local messages = require "spec.support.pages.messages"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local LONG = os.getenv "SMS_TEST_LONG"

local HOSTILE = {
  [[<img src=x onerror="document.title='owned'">]],
  [[</p></li><script>document.title='owned'</script>]],
  [[" onmouseover="document.title='owned'" x="]],
  [[javascript:document.title='owned']],
  [[&lt;b&gt; {{7*7}} ${7*7} <!-- --> ]] .. "\226\128\174drawkcab",
}

if not LONG or not browser.is_there() then
  describe("The page in a browser", function()
    pending(LONG and "needs chromium and chromium-driver" or "is for the long form")
  end)
  return
end

describe("The page in a browser", function()
  local box = sandbox.for_specs { workers = 2 }
  local page, pictures

  setup(function()
    page = browser.start()
    pictures = os.getenv "SMS_TEST_PICTURES" or process.output_of("mktemp -d")
  end)
  teardown(function()
    page:stop()
    if not os.getenv "SMS_TEST_PICTURES" then child.shell("rm -rf " .. pictures) end
  end)
  before_each(function()
    page:resize(1200, 900)
    page:open "about:blank"
    page:log()
    page:open(box.urls.page)
    page:wait("the events", "return /request/.test(document.querySelector('#status').textContent)")
  end)
  -- Whatever was tried: nothing of it ran, nothing was refused by the policy, no error was raised.
  after_each(function()
    assert.same("SMS sandbox", page:run "return document.title")
    assert.same({}, page:log())
  end)

  local function sms(text, more) messages.sms(box, text, more) end

  local function count_of(selector)
    return page:run("return document.querySelectorAll(arguments[0]).length", selector)
  end

  local function wait_for(selector, count)
    page:wait(selector, "return document.querySelectorAll(arguments[0]).length === arguments[1]",
      selector, count)
  end

  local function text_of(selector)
    return page:run("return document.querySelector(arguments[0]).textContent", selector)
  end

  local function show(view)
    page:click(("nav a[href='#%s']"):format(view))
    page:wait(view, "return !document.getElementById(arguments[0]).hidden", view)
  end

  local function has_no_overflow()
    return page:run "return document.documentElement.scrollWidth <= innerWidth"
  end

  it("shows what is sent while it is open, also hostile texts, as texts", function()
    for i, text in ipairs(HOSTILE) do
      sms(text, { type = "unicode" })
      wait_for("#messages .list > li", i)
      assert.same(text, text_of "#messages .bubble")
    end
    assert.same(0, count_of "main img, main script, main b")
    assert.matches("UCS%-2 · 1 part · 0.0333 EUR", text_of "#messages .facts")
  end)

  it("shows jobs and their recipients' course, and calls with what is spoken", function()
    messages.job(box, { { text = "<b>Hi</b>", recipients = { { dst = "491760000000" },
      { dst = "491760000901", customerRef = "<b>x</b>" } } } })
    messages.speak(box, HOSTILE[1])
    show "jobs"
    wait_for("#jobs .list > li", 1)
    page:click "#jobs summary"
    wait_for("#jobs tbody tr", 2)
    page:wait("its end", "return /finished/.test(document.querySelector('#jobs li').textContent)")
    page:wait("the recipients' end",
      "return /DONE INVALID_DST/.test(document.querySelector('#jobs tbody').textContent)")
    show "calls"
    wait_for("#calls .list > li", 1)
    assert.same(HOSTILE[1], text_of "#calls .bubble")
    assert.same(0, count_of "main b, main img")
  end)

  it("switches faults on and off", function()
    show "switches"
    page:click "[data-kind=throttle]"
    wait_for("[data-kind=throttle][aria-checked=true]", 1)
    wait_for("#faults li", 1)
    sms "Hello"
    page:wait("the hit", "return /1 call/.test(document.querySelector('#faults').textContent)")
    page:click "[data-kind=throttle]"
    wait_for("[data-kind=throttle][aria-checked=false]", 1)
    wait_for("#faults li", 0)
    sms "Hello again"
    show "messages"
    wait_for("#messages .list > li", 2)
    assert.same({ "taken", "refused (200), fault: throttle" }, page:run [[
      return [...document.querySelectorAll('#messages .head > span > span')]
        .map(e => e.textContent)]])
  end)

  it("sends an inbound text, shows how it was answered, and calls a receipt back", function()
    box:settings { webhook_retries = 0 }
    show "switches"
    page:type("[name=webhook_url]", box.urls.retarus .. "/nowhere")
    page:click "[name=webhook_url]"
    page:press "\238\128\135" -- Enter
    page:wait("the setting", "return fetch('/_sandbox/settings').then(a => a.json())"
      .. ".then(all => all.webhook_url !== '')")
    page:type("[name=text]", HOSTILE[2])
    page:run "document.querySelector('[name=text]').form.requestSubmit()"
    show "webhooks"
    wait_for("#webhooks .list > li", 1)
    assert.matches("inbound_sms.*answered 404", text_of "#webhooks .list > li")
    sms("Hello", { ["status-report-req"] = "0" })
    show "messages"
    wait_for("#messages .list > li", 1)
    page:click "#messages summary"
    page:click "#messages details button"
    show "webhooks"
    wait_for("#webhooks .list > li", 2)
    assert.matches("delivery_receipt: delivered.*answered 404", text_of "#webhooks .list > li")
  end)

  it("fills a limit before one's eyes", function()
    show "limits"
    wait_for("#limits .list > li", 3)
    page:type("#limits [name=limit]", "10")
    page:click "#limits form button"
    page:wait("the limit", "return document.querySelector('#limits meter').max === 10")
    messages.job(box, { { text = "Hi", recipients = { { dst = "491760000000" } } } })
    page:wait("the call", "return document.querySelector('#limits meter').value === 1")
  end)

  it("goes by keyboard", function()
    sms "Hello"
    wait_for("#messages .list > li", 1)
    page:press "\238\128\132" -- Tab: the link past the views comes first
    assert.same("skip", page:run "return document.activeElement.className")
    page:press("\238\128\132", "\238\128\132", "\238\128\135") -- to the second view
    page:wait("jobs", "return location.hash === '#jobs' && !document.querySelector('#jobs').hidden")
  end)

  it("keeps what has the focus when something arrives", function()
    sms "Hello"
    wait_for("#messages .list > li", 1)
    page:run "document.querySelector('#messages summary').focus()"
    sms "Hello again"
    wait_for("#messages .list > li", 2)
    assert.same("SUMMARY", page:run "return document.activeElement.tagName")
  end)

  it("names every control, and has one main heading and the landmarks", function()
    for _, view in ipairs { "messages", "limits", "switches" } do
      show(view)
      assert.same({}, page:run [[
        return [...document.querySelectorAll("input, select, textarea, button, meter")]
          .filter(e => !(e.labels && e.labels.length) && !e.textContent.trim()
            && !e.getAttribute("aria-label")).map(e => e.outerHTML)]] or {})
    end
    for selector, count in pairs { h1 = 1, main = 1, nav = 1, ["body > header"] = 1 } do
      assert.same(count, count_of(selector))
    end
  end)

  it("shows 50 of 10,000 messages at a time", function()
    messages.send_many(box, 10000)
    page:wait("the last of them",
      "return document.querySelector('#messages .bubble')?.textContent === 'Number 10000'")
    assert.same(50, count_of "#messages .list > li")
    assert.is_true(page:run "return document.querySelectorAll('*').length" < 3000)
    page:run "document.querySelectorAll('#messages .pages button')[2].click()"
    page:wait("the next page",
      "return document.querySelector('#messages .bubble').textContent === 'Number 9950'")
  end)

  it("fits 360 pixels and more, in light and dark; pictures of it", function()
    box:settings { retarus_limit = 100 }
    sms "Your code is 4711."
    sms("Grüße aus München: Ihr Paket kommt heute zwischen 14 und 16 Uhr.", { type = "unicode" })
    sms "Dinner at eight? <b>Bring</b> wine & bread."
    messages.job(box, { { text = "The lift in house 4 is out of order until Friday.", recipients = {
      { dst = "491760000000" }, { dst = "491760000901" }, { dst = "491760000002" } } } },
      { src = "House" })
    box:fault { kind = "throttle", operation = "send_sms", count = 1 }
    sms "Too fast"
    wait_for("#messages .list > li", 5)
    page:picture(pictures .. "/page_wide.png")
    page:resize(360, 860)
    local long = ("W"):rep(300)
    messages.application(box, long)
    box:webhook { kind = "other", fields = { status = long }, url = box.urls.nexmo .. "/" .. long }
    messages.speak(box, long)
    for _, view in ipairs { "messages", "jobs", "calls", "applications", "webhooks", "limits",
      "switches" } do
      show(view)
      assert.is_true(has_no_overflow(), view)
    end
    show "messages"
    wait_for("#messages .list > li", 5)
    page:picture(pictures .. "/page_narrow.png")
    local function back()
      return page:run "return getComputedStyle(document.body).backgroundColor"
    end
    local light = back()
    page:prefer "dark"
    assert.not_same(light, back())
    page:prefer "light"
    assert.same(light, back())
  end)
end)
