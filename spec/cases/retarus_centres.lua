-- Reading from two data centres, cell by cell: what de2 and de1 answer, what the call comes to,
-- and which were asked, in order. `result` names the answer that is the result; the others are
-- fields of the error.

local cases = {}

-- One job or its recipients.
cases.first = {
  { "job", "job", result = "de2", asked = "de2" },
  { "job", "500", result = "de2", asked = "de2" },
  { "404", "job", result = "de1", asked = "de2 de1" },
  { "404", "404", kind = "not_found", outcome = "rejected", asked = "de2 de1" },
  { "404", "500", kind = "server", outcome = "ambiguous", status = 500, asked = "de2 de1" },
  { "500", "404", kind = "server", outcome = "ambiguous", status = 500, asked = "de2 de1" },
  { "500", "job", result = "de1", asked = "de2 de1" },
  { "500", "503", kind = "server", outcome = "ambiguous", status = 500, asked = "de2 de1" },
  { "503", "500", kind = "server", outcome = "ambiguous", status = 503, asked = "de2 de1" },
  { "404", "timeout", kind = "timeout", outcome = "ambiguous", asked = "de2 de1" },
  { "timeout", "404", kind = "timeout", outcome = "ambiguous", asked = "de2 de1" },
  { "timeout", "job", result = "de1", asked = "de2 de1" },
  { "timeout", "500", kind = "timeout", outcome = "ambiguous", asked = "de2 de1" },
  { "refused", "job", result = "de1", asked = "de1" },
  { "refused", "404", kind = "connection", outcome = "not_sent", asked = "de1" },
  { "404", "refused", kind = "connection", outcome = "not_sent", asked = "de2" },
  { "refused", "refused", kind = "connection", outcome = "not_sent", asked = "" },
  { "refused", "500", kind = "connection", outcome = "not_sent", asked = "de1" },
  { "close", "job", result = "de1", asked = "de2 de1" },
  { "reset", "404", kind = "connection", outcome = "ambiguous", asked = "de2 de1" },
  { "cut", "job", result = "de1", asked = "de2 de1" },
  { "html", "job", result = "de1", asked = "de2 de1" },
  { "html", "404", kind = "protocol", outcome = "ambiguous", status = 200, asked = "de2 de1" },
  { "404", "html", kind = "protocol", outcome = "ambiguous", status = 200, asked = "de2 de1" },
  { "redirect", "job", result = "de1", asked = "de2 de1" },
  { "401", "job", kind = "auth", outcome = "rejected", status = 401, asked = "de2" },
  { "404", "401", kind = "auth", outcome = "rejected", status = 401, asked = "de2 de1" },
  { "500", "401", kind = "auth", outcome = "rejected", status = 401, asked = "de2 de1" },
  { "403", "job", kind = "auth", outcome = "rejected", status = 403, asked = "de2" },
  { "400", "job", kind = "rejected", outcome = "rejected", status = 400, asked = "de2" },
  { "404", "400", kind = "rejected", outcome = "rejected", status = 400, asked = "de2 de1" },
  { "500", "400", kind = "rejected", outcome = "rejected", status = 400, asked = "de2 de1" },
  { "429", "job", kind = "rate_limited", outcome = "not_sent", status = 429, asked = "de2" },
}

-- The recipients alone: an empty list may stand for 404.
cases.empty = {
  { "empty", "job", result = "de1", asked = "de2 de1" },
  { "empty", "empty", kind = "not_found", outcome = "rejected", asked = "de2 de1" },
  { "empty", "404", kind = "not_found", outcome = "rejected", asked = "de2 de1" },
  { "404", "empty", kind = "not_found", outcome = "rejected", asked = "de2 de1" },
  { "empty", "500", kind = "server", outcome = "ambiguous", status = 500, asked = "de2 de1" },
  { "500", "empty", kind = "server", outcome = "ambiguous", status = 500, asked = "de2 de1" },
  { "timeout", "empty", kind = "timeout", outcome = "ambiguous", asked = "de2 de1" },
  { "empty", "401", kind = "auth", outcome = "rejected", status = 401, asked = "de2 de1" },
}

-- The list of jobs; `ids` are those of the result, or of the error's result.
cases.all = {
  { "J1 J2", "J3", ids = "J1 J2 J3", asked = "de2 de1" },
  { "J1 J2", "J2 J3 J1 J4", ids = "J1 J2 J3 J4", asked = "de2 de1" },
  { "J1 J1", "", ids = "J1", asked = "de2 de1" },
  { "", "J3", ids = "J3", asked = "de2 de1" },
  { "", "", ids = "", asked = "de2 de1" },
  { "J1", "500", kind = "server", outcome = "ambiguous", status = 500, ids = "J1",
    asked = "de2 de1" },
  { "500", "J3 J4", kind = "server", outcome = "ambiguous", status = 500, ids = "J3 J4",
    asked = "de2 de1" },
  { "500", "503", kind = "server", outcome = "ambiguous", status = 500, ids = "",
    asked = "de2 de1" },
  { "timeout", "J3", kind = "timeout", outcome = "ambiguous", ids = "J3", asked = "de2 de1" },
  { "J1", "timeout", kind = "timeout", outcome = "ambiguous", ids = "J1", asked = "de2 de1" },
  { "refused", "J3", kind = "connection", outcome = "not_sent", ids = "J3", asked = "de1" },
  { "J1", "refused", kind = "connection", outcome = "not_sent", ids = "J1", asked = "de2" },
  { "html", "J3", kind = "protocol", outcome = "ambiguous", status = 200, ids = "J3",
    asked = "de2 de1" },
  { "401", "J3", kind = "auth", outcome = "rejected", status = 401, asked = "de2" },
  { "400", "J3", kind = "rejected", outcome = "rejected", status = 400, asked = "de2" },
  { "J1", "401", kind = "auth", outcome = "rejected", status = 401, ids = "J1",
    asked = "de2 de1" },
  { "J1", "429", kind = "rate_limited", outcome = "not_sent", status = 429, ids = "J1",
    asked = "de2 de1" },
}

return cases
