cd /tmp/h/d
F=lua/sms/schema/layout.lua
cp $F /tmp/h/me/layout.orig
while IFS='|' read -r name from to; do
  python3 - "$F" "$from" "$to" <<'P'
import sys
p,f,t=sys.argv[1:]
s=open('/tmp/h/me/layout.orig').read()
assert f in s, f
open(p,'w').write(s.replace(f,t,1))
P
  echo "== $name: $(/tmp/h/sp $1 schema/writer | grep -m1 'schema/writer:')"
  /tmp/h/sp $1 schema/writer | grep -m2 'Failure message\|Error message' | cut -c1-160
done <<'M'
most off by one|most = math.min(most, advised)|most = math.min(most, advised) + 1
most_ascii off by one|math.min(field.max_length_ascii or most, advised)|math.min(field.max_length_ascii or most, advised + 1)
ascii limit lost|most_ascii = math.min(field.max_length_ascii or most, advised),|
warn lost|field.warn_length or math.huge|math.huge
least lost|least = field.min_length or field.min_items,|
min_items lost|field.min_length or field.min_items|field.min_length
multiline always|multiline = field.multiline and 1 or 0|multiline = 1
multiline never|multiline = field.multiline and 1 or 0|multiline = 0
min off by one|0 or field.min,|0 or field.min and field.min - 1,
max off by one|1 or field.max,|1 or field.max and field.max + 1,
or_value lost|or_value = field.or_value,|
formats lost|node.format = field.format and (FORMATS[field.format] or IN_LUA)|node.format = nil
e164 as phone|e164 = 2|e164 = 1
sender all plain|nexmo_sender = 3|nexmo_sender = 0
needed lost|(part.required or part.always) and bit_of(i) or 0|0
shorthand lost|node.shorthand = part[1] == field.shorthand and i or node.shorthand|
without lost|without = without + bit_of(places[name])|without = without
misfit lost|nodes.misfit, nodes.without = usual.misfit, without|nodes.misfit, nodes.without = "text", without
text rule lost|nodes.text, nodes.type = places[usual.text], places[usual.type]|
enum lost|or field.enum or {})|or {})
sent_as ignored|field.in_path or field.sent_as or field.plus|field.in_path
default ignored|or field.default ~= nil|
no writer at all|local made = laid({ type = "record", fields = operation.fields }, is_json)|local made = false
integers left|integer = 2, boolean|integer = 0, boolean
M
cp /tmp/h/me/layout.orig $F
git diff --stat $F
