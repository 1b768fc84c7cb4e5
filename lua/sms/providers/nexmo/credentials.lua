--- What a client of Nexmo is known by, and what goes together with what. Pure.

local credentials = {}

--- Client options, by what the library calls them.
credentials.names = { identity = "api_key", password = "api_secret",
  signature = "signature_secret", application = "application_id", private_key = "private_key" }

--- The names that they have among the parameters of a request.
credentials.parameters = { identity = "api_key", password = "api_secret", signature = "sig" }

credentials.environment = {
  api_key = "NEXMO_API_KEY",
  api_secret = "NEXMO_API_SECRET",
  signature_secret = "NEXMO_SIGNATURE_SECRET",
  signature_method = "NEXMO_SIGNATURE_METHOD",
  application_id = "NEXMO_APPLICATION_ID",
  private_key = "NEXMO_PRIVATE_KEY",
  base_url = "NEXMO_BASE_URL",
}

--- Whether a client cannot do without its API secret.
---@param settings table
---@return boolean
function credentials.needs_password(settings)
  return settings.auth ~= "signature"
end

--- What is wrong with them as a whole, in words; nil where nothing is.
---@param found table<string, string> by what the library calls them
---@param settings table
---@return string? message
function credentials.problem(found, settings)
  if settings.auth == "signature" and not found.signature then
    return "signature_secret is missing for auth = 'signature'"
  elseif found.application and not found.private_key then
    return "private_key is missing: application_id is given, and the Voice API needs both"
  elseif found.private_key and not found.application then
    return "application_id is missing: private_key is given, and the Voice API needs both"
  end
end

return credentials
