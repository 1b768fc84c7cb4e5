-- What a text costs on the air: GSM 7-bit septets or UTF-16 units, and the parts they fill.

local text = {}

local extension = {}
for character in ("\f^{}\\[~]|"):gmatch "." do extension[character:byte()] = true end
extension[0x20AC] = true

local gsm = { [0x0A] = true, [0x0D] = true }
for code = 0x20, 0x7E do gsm[code] = code ~= 0x60 and not extension[code] end
for _, code in ipairs {
  0x00A1, 0x00A3, 0x00A4, 0x00A5, 0x00A7, 0x00BF, 0x00C4, 0x00C5, 0x00C6, 0x00C7, 0x00C9, 0x00D1,
  0x00D6, 0x00D8, 0x00DC, 0x00DF, 0x00E0, 0x00E4, 0x00E5, 0x00E6, 0x00E8, 0x00E9, 0x00EC, 0x00F1,
  0x00F2, 0x00F6, 0x00F8, 0x00F9, 0x00FC, 0x0393, 0x0394, 0x0398, 0x039B, 0x039E, 0x03A0, 0x03A3,
  0x03A6, 0x03A8, 0x03A9,
} do
  gsm[code] = true
end

local lowest = { 0, 0x80, 0x800, 0x10000 }

local function code_point(bytes)
  local first = bytes:byte()
  if #bytes == 1 then return first < 0x80 and first or nil end
  local length = first >= 0xF0 and 4 or first >= 0xE0 and 3 or first >= 0xC0 and 2 or 0
  if length ~= #bytes then return nil end
  local code = first % 2 ^ (7 - length)
  for i = 2, length do code = code * 64 + bytes:byte(i) - 0x80 end
  local surrogate = code >= 0xD800 and code <= 0xDFFF
  if code < lowest[length] or code > 0x10FFFF or surrogate then return nil end
  return code
end

--- The code points of valid UTF-8, or nil.
function text.code_points(bytes)
  local codes, taken = {}, 0
  for sequence in bytes:gmatch "[%z\1-\127\192-\255][\128-\191]*" do
    local code = code_point(sequence)
    if not code then return nil end
    codes[#codes + 1], taken = code, taken + #sequence
  end
  if taken ~= #bytes then return nil end
  return codes
end

--- True for valid UTF-8.
function text.is_utf8(bytes)
  return not bytes:find "[\128-\255]" or text.code_points(bytes) ~= nil
end

local function split(codes, cost, single, per_part)
  local total, parts, used = 0, 1, 0
  for _, code in ipairs(codes) do
    local units = cost(code)
    total = total + units
    if used + units > per_part then parts, used = parts + 1, 0 end
    used = used + units
  end
  return total, total <= single and 1 or parts
end

local function septets(code)
  return extension[code] and 2 or 1
end

local function units16(code)
  return code > 0xFFFF and 2 or 1
end

local function plain(bytes)
  local parts = #bytes <= 160 and 1 or math.ceil(#bytes / 153)
  return { characters = #bytes, misfits = 0, gsm_units = #bytes, gsm_parts = parts }
end

local function misfits(codes)
  local count = 0
  for _, code in ipairs(codes) do
    if not gsm[code] and not extension[code] then count = count + 1 end
  end
  return count
end

--- Measures a text as GSM 7-bit, a character outside of it counting as its one-septet substitute;
--- nil for what is not UTF-8.
function text.gsm(bytes)
  if not bytes:find "[^ -Z_a-z\n\r]" then return plain(bytes) end
  local codes = text.code_points(bytes)
  if not codes then return nil end
  local units, parts = split(codes, septets, 160, 153)
  return { characters = #codes, misfits = misfits(codes), gsm_units = units, gsm_parts = parts }
end

--- UTF-16 units, parts and characters of valid UTF-8; nil for what is not.
function text.utf16(bytes)
  local codes = text.code_points(bytes)
  if not codes then return nil end
  local units, parts = split(codes, units16, 70, 67)
  return units, parts, #codes
end

--- A text as it goes over the air: its type, `text` or `unicode`, and the texts of its parts.
function text.parts(bytes)
  local measured = text.gsm(bytes)
  local is_gsm = measured.misfits == 0
  local cost, per_part = is_gsm and septets or units16, is_gsm and 153 or 67
  local total = is_gsm and measured.gsm_parts or select(2, text.utf16(bytes))
  if total == 1 then return is_gsm and "text" or "unicode", { bytes } end
  local parts, used = { "" }, 0
  for sequence in bytes:gmatch "[%z\1-\127\192-\255][\128-\191]*" do
    local units = cost(code_point(sequence))
    if used + units > per_part then
      parts[#parts + 1], used = "", 0
    end
    parts[#parts], used = parts[#parts] .. sequence, used + units
  end
  return is_gsm and "text" or "unicode", parts
end

return text
