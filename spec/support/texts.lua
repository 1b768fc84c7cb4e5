-- Texts for send_all, numbered "r1", "r2", …, and what comes of them.

local assert = require "luassert"

local texts = {}

--- A text by its number.
function texts.item(i)
  return { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = "r" .. i }
end

--- So many as a list, or as a function with the count of those that were read.
function texts.list_of(count)
  local list = {}
  for i = 1, count do list[i] = texts.item(i) end
  return list
end

function texts.iterator_of(count)
  local read = { count = 0 }
  return function()
    if read.count < count then
      read.count = read.count + 1
      return texts.item(read.count)
    end
  end, read
end

--- What a loop over all sees: by reference, how often each was told, and the errors; the
--- error of the last round.
function texts.collect(client, source, options)
  local seen, errs, fatal = {}, {}, nil
  for sent, result, err in client:send_all(source, options) do
    assert.is_nil(fatal, "there was a round after the last")
    if sent then
      local ref = sent["client-ref"]
      seen[ref] = (seen[ref] or 0) + 1
      if result then
        assert.equal(ref, result.messages[1]["client-ref"])
        assert.is_nil(err)
      else
        errs[ref] = err
      end
    else
      assert.is_false(sent)
      fatal = err
    end
  end
  return seen, errs, fatal
end

function texts.count_of(map)
  local count = 0
  for _ in pairs(map) do count = count + 1 end
  return count
end

return texts
