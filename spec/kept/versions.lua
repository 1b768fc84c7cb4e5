-- What becomes of the files of each version: "read", or the words in which they are refused.

return {
  ["1.0.0rc1"] = { journal = "read", slots = "read", key = "read", campaign = "read" },
}
