-- Calls of the Voice API: what send_voice is given, and what arrives; and texts with their
-- actions.

local EVENTS = "https://example.com/events?a=1&b=2"

local function talk(text, more)
  local action = { action = "talk", text = text }
  for name, value in pairs(more or {}) do
    action[name] = value
  end
  return action
end

local function file(url)
  return { action = "stream", streamUrl = { url } }
end

local function phone(number)
  return { type = "phone", number = number }
end

local to = { phone "447700900000" }

local calls = {
  {
    "with every key",
    params = { to = "+44 7700 900000", from = "00447700900001", text = "Hello", lg = "en-gb",
      ["repeat"] = 10, machine_detection = "hangup", callback = EVENTS, callback_method = "POST",
      style = 0, length_timer = 1, ringing_timer = 120, advanced_machine_detection = {
        behavior = "hangup", mode = "detect_beep", beep_timeout = 30 } },
    body = { to = to, from = phone "447700900001", machine_detection = "hangup",
      ncco = { talk("Hello", { language = "en-GB", style = 0, loop = 10 }) },
      event_url = { EVENTS }, event_method = "POST", length_timer = 1, ringing_timer = 120,
      advanced_machine_detection = { behavior = "hangup", mode = "detect_beep",
        beep_timeout = 30 } },
  },
  {
    "the least", params = { to = "447700900000", text = "Hello" },
    body = { to = to, random_from_number = true, ncco = { talk "Hello" } },
  },
  {
    "the other ends of all ranges",
    params = { to = "447700900000", text = ("a"):rep(1500), ["repeat"] = 1, style = 12,
      machine_detection = true, length_timer = 86400, ringing_timer = 1, callback = EVENTS,
      callback_method = "GET", advanced_machine_detection = { behavior = "continue",
        mode = "default", beep_timeout = 120 } },
    body = { to = to, random_from_number = true, machine_detection = "continue",
      ncco = { talk(("a"):rep(1500), { style = 12, loop = 1 }) }, event_url = { EVENTS },
      event_method = "GET", length_timer = 86400, ringing_timer = 1,
      advanced_machine_detection = { behavior = "continue", mode = "default",
        beep_timeout = 120 } },
  },
  {
    "without detection, synchronous",
    params = { to = "447700900000", text = "Hello", machine_detection = false,
      advanced_machine_detection = { mode = "detect" } },
    body = { to = to, random_from_number = true, ncco = { talk "Hello" },
      advanced_machine_detection = { mode = "detect" } },
  },
  {
    "a recorded file twice, with language and style for the text alone",
    params = { to = "447700900000", ["repeat"] = 2, lg = "en-us", style = 1,
      text = 'Listen: <audio src="https://example.com/a.mp3"/>' },
    body = { to = to, random_from_number = true, ncco = {
      talk("Listen: ", { language = "en-US", style = 1 }), file "https://example.com/a.mp3",
      talk("Listen: ", { language = "en-US", style = 1 }), file "https://example.com/a.mp3",
    } },
  },
  {
    "a recorded file alone, three times",
    params = { to = "447700900000", text = "<audio src='https://example.com/a.wav'/>",
      ["repeat"] = 3 },
    body = { to = to, random_from_number = true, ncco = { file "https://example.com/a.wav",
      file "https://example.com/a.wav", file "https://example.com/a.wav" } },
  },
}

-- A text, and its actions or what is wrong with it.
local texts = {
  { "Hello", { talk "Hello" } },
  { "1 < 2 & 3 > 2", { talk "1 < 2 & 3 > 2" } },
  { "I <3 you; x<y and y>z", { talk "I <3 you; x<y and y>z" } },
  { "AT&T; R&D;", { talk "AT&T; R&D;" } },
  { 'A <break time="1s"/> B', { talk '<speak>A <break time="1s"/> B</speak>' } },
  { 'A & B <break time="1s"/> < C <3',
    { talk '<speak>A &amp; B <break time="1s"/> &lt; C &lt;3</speak>' } },
  { "Tom &amp; Jerry", { talk "<speak>Tom &amp; Jerry</speak>" } },
  { "&#65; &#x42; & &c", { talk "<speak>&#65; &#x42; &amp; &amp;c</speak>" } },
  { '<prosody rate="-10%">slow</prosody>',
    { talk '<speak><prosody rate="-10%">slow</prosody></speak>' } },
  { '<amazon:effect name="whispered">psst</amazon:effect>',
    { talk '<speak><amazon:effect name="whispered">psst</amazon:effect></speak>' } },
  { "<b>not speech</b> <p>x</p>", { talk "<speak>&lt;b>not speech&lt;/b> <p>x</p></speak>" } },
  { "<speak>A & B</speak>", { talk "<speak>A &amp; B</speak>" } },
  { "<speak>1 < 2 & 3 > 2, I <3 you</speak>",
    { talk "<speak>1 &lt; 2 &amp; 3 > 2, I &lt;3 you</speak>" } },
  { "<speak>&nbsp;&#0;&#1114112;&#ff;&#xD800; a]]>b</speak>", { talk
    "<speak>&amp;nbsp;&amp;#0;&amp;#1114112;&amp;#ff;&amp;#xD800; a]]&gt;b</speak>" } },
  { "<speak>&quot;&apos;&#9;&#x10FFFF;</speak>",
    { talk "<speak>&quot;&apos;&#9;&#x10FFFF;</speak>" } },
  { '<speak><sub alias="R & D > x">RD</sub><break time = \'1s\' /></speak>',
    { talk '<speak><sub alias="R &amp; D > x">RD</sub><break time = \'1s\' /></speak>' } },
  { "<speak>a<!-- < & --><![CDATA[1 < 2 & 3]]>b<!DOCTYPE c></speak>", { talk
    "<speak>a<!-- < & --><![CDATA[1 < 2 & 3]]>b&lt;!DOCTYPE c></speak>" } },
  { '<speak xml:lang="en-US">A <audio src="https://a.b/c.mp3"/> B</speak >', {
    talk '<speak xml:lang="en-US">A </speak>', file "https://a.b/c.mp3",
    talk '<speak xml:lang="en-US"> B</speak>' } },
  { "Mail <bob@example.com>, <http://a.b/c> or <mailto:bob@example.com> <break/>", { talk(
    "<speak>Mail &lt;bob@example.com>, &lt;http://a.b/c> or &lt;mailto:bob@example.com> <break/>"
      .. "</speak>") } },
  { '<audio src="https://a.b/c.mp3?a>b"/>', { file "https://a.b/c.mp3?a>b" } },
  { "<speaker>A</speaker>", { talk "<speaker>A</speaker>" } },
  { "<speak>Hello <b>you</speak>", "must end every element" },
  { "<speak><p>A</speak>", "must end every element" },
  { "<speak>A</p></speak>", "must end every element" },
  { "<speak><p><s>A</p></s></speak>", "must end every element" },
  { "<p>A", "must end every element" },
  { "A</p>", "must end every element" },
  { '<prosody rate="slow">A <break/>', "must end every element" },
  { "<speak><P>A</p></speak>", "must end every element" },
  { "<speak>A <break time=1s/></speak>", "well-formed markup" },
  { "A <break time=1s/>", "well-formed markup" },
  { '<break time="1s" time="2s"/>', "well-formed markup" },
  { '<break time="<1s"/>', "well-formed markup" },
  { '<break time="1s/>', "well-formed markup" },
  { "A <break", "well-formed markup" },
  { "<p>A</p", "well-formed markup" },
  { "<speak version=1>A</speak>", "well-formed markup" },
  { "<speak>A\27[0m</speak>", "control characters beside markup" },
  { "A \1 <break/>", "control characters beside markup" },
  { "<break/>\239\191\191", "control characters beside markup" },
  { "A \27 B", { talk "A \27 B" } },
  { "<speak/>", "<speak> around all of it, or nowhere" },
  { ' <speak version="1.1">A</speak> ', { talk ' <speak version="1.1">A</speak> ' } },
  { '<speak>A <audio src="https://a.b/c.mp3"/> B</speak>',
    { talk "<speak>A </speak>", file "https://a.b/c.mp3", talk "<speak> B</speak>" } },
  { 'A<audio src="http://a.b/c.mp3">else</audio>B',
    { talk "A", file "http://a.b/c.mp3", talk "B" } },
  { '<audio src="https://a.b/1.mp3"/> <audio src="https://a.b/2.mp3"/>',
    { file "https://a.b/1.mp3", file "https://a.b/2.mp3" } },
  { '<audio volume="1" src = "https://a.b/c.mp3?x=1&amp;y=2" />',
    { file "https://a.b/c.mp3?x=1&y=2" } },
  { '<p>A <break/></p><audio src="https://a.b/c.mp3"/>',
    { talk "<speak><p>A <break/></p></speak>", file "https://a.b/c.mp3" } },
  { "Hello <speak>you</speak>", "<speak> around all of it, or nowhere" },
  { "<speak>Hello", "<speak> around all of it, or nowhere" },
  { "<speak>a</speak> b <speak>c</speak>", "<speak> around all of it, or nowhere" },
  { "<audio src=\"c.mp3\"/>", "by a URL" },
  { "<audio source=\"https://a.b/c.mp3\"/>", "by a URL" },
  { "<audio src=\"ftp://a.b/c.mp3\"/>", "by a URL" },
  { "<audio src=\"https://a.b/c.mp3\">", "must end every <audio>" },
  { '<prosody rate="1">A <audio src="https://a.b/c.mp3"/> B</prosody>',
    "<audio> inside of another element" },
  { '<p>A<s>B</p></s><audio src="https://a.b/c.mp3"/>', "must end every element" },
  { '<speak>A <audio src="https://a.b/c.mp3"/> <p>B</speak>', "must end every element" },
}

return { calls = calls, texts = texts }
