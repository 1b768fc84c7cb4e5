-- Texts to speak, at random: whatever comes in, no markup is made or lost on the way.

local ncco = require "sms.providers.nexmo.voice.ncco"

local PIECES = { "<", ">", "/", "&", ";", " ", "a", "amp", "&amp;", "&lt;", "#65", '"', "break",
  "<break/>", "<p>", "</p>", "<b>", "speak", "</speak>", "<speak>", "audio", "<audio ",
  '<audio src="https://a.b/c.mp3"/>', "</audio>", 'src="https://a.b/c"', "é", "\n", "<p a='&'>",
  "<a:b c=\"<\">", "</a:b>", "&#0;", "&#ff;", "&nbsp;", "]]>", "<!--", "-->", "<![CDATA[", "\1" }

local ROUNDS = os.getenv "SMS_TEST_LONG" and 1000000 or 20000

--- What a reader of XML makes of the characters that are escaped.
local function plain(text)
  return (text:gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&amp;", "&"))
end

local function count(text, pattern)
  return select(2, text:gsub(pattern, ""))
end

local function random_text(random)
  local parts = {}
  for i = 1, random(12) do
    parts[i] = PIECES[random(#PIECES)]
  end
  return table.concat(parts)
end

--- Whether a text is well-formed XML: each tag in its place, no & and ]]> alone, no controls.
local function is_well_formed(xml)
  local open = {}
  xml = xml:gsub("<!%-%-(.-)%-%->", function(comment) return comment:find "%-%-" and "&" or "" end)
  xml = xml:gsub("<!%[CDATA%[.-%]%]>", ""):gsub("%]%]>", "&"):gsub("&#65;", "")
  xml = xml:gsub("&%a+;", { ["&amp;"] = "", ["&lt;"] = "", ["&gt;"] = "", ["&quot;"] = "" })
  local rest = xml:gsub("<(/?)([%w:]+)([^<>]-)(/?)>", function(ending, name, attributes, slash)
    local left = attributes:gsub("%s+[%w:]+%s*=%s*\"[^\"]*\"", ""):gsub("%s+[%w:]+%s*=%s*'[^']*'",
      "")
    if left:find "%S" then return "<" end
    if ending == "/" then
      return table.remove(open) == name and "" or "<"
    end
    open[#open + 1] = slash == "" and name or nil
    return ""
  end)
  return #open == 0 and not rest:find "[<&%z\1-\8\11\12\14-\31]"
end

describe("A text to speak", function()
  it("is neither lost nor changed, and is marked as a whole or not at all", function()
    math.randomseed(20260101)
    local refused, streams, marked = 0, 0, 0
    for _ = 1, ROUNDS do
      local text = random_text(math.random)
      local actions, message = ncco.read(text)
      if not actions then
        refused = refused + 1
        assert.matches("^must ", message)
      else
        local said = {}
        for _, action in ipairs(actions) do
          if action.action == "stream" then
            streams = streams + 1
            assert.matches("^https?://%S+$", action.streamUrl[1])
          else
            local inside = action.text:match "^%s*<speak>(.*)</speak>%s*$"
            local tags = action.text:gsub("<!%-%-.-%-%->", ""):gsub("<!%[CDATA%[.-%]%]>", "")
            assert.equal(inside and 1 or 0, count(tags, "<speak>"), text)
            assert.equal(inside and 1 or 0, count(tags, "</speak>"), text)
            marked = marked + (inside and 1 or 0)
            assert.is_true(not inside or is_well_formed(action.text), action.text)
            said[#said + 1] = inside or action.text
          end
        end
        local wanted = text:gsub("^%s*<speak>(.*)</speak>%s*$", "%1")
        wanted = wanted:gsub("<audio%s[^>]-/>", "\0"):gsub("<audio%s[^>]->.-</audio>", "\0")
        if not wanted:find("%z") then
          assert.equal(plain(wanted), plain(table.concat(said)), text)
        end
      end
    end
    assert.is_true(refused > ROUNDS / 100 and streams > ROUNDS / 100 and marked > ROUNDS / 100)
  end)
end)
