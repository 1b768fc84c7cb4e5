-- Every Retarus operation as it goes over the wire: params, the request they become, and the
-- documented reply with what is made of it.

local REPORT = '{"jobId":"J.20300101-120000.001-0abc","src":"Acme","encoding":"standard",'
  .. '"billcode":"Campaign123","statusRequested":true,"flash":false,"validityMin":2880,'
  .. '"customerRef":"InternalID: ABC1234","qos":"NORMAL","receiptTs":"2030-01-01T12:00:00.000Z",'
  .. '"finishedTs":"2030-01-01T12:25:00.000Z","recipientIds":["S.1","S.2"]}'

local cases = {}

cases.operations = {
  {
    name = "sends the smallest job", operation = "send_job",
    params = { messages = { { text = "Hi", recipients = { { dst = "+491760000001" } } } } },
    request = "POST /rest/v1/jobs",
    body = '{"messages":[{"text":"Hi","recipients":[{"dst":"+491760000001"}]}]}',
    status = 201, reply = '{"jobId":"J.20300101-120000.001-0abc"}',
    result = { jobId = "J.20300101-120000.001-0abc" },
  },
  {
    name = "sends every parameter of a job, in documented order", operation = "send_job",
    params = {
      messages = {
        { text = "Grüße, 5 €\n\"now\" \\ /", recipients = {
          { customerRef = "r1", blackoutPeriods = { "2030-01-01T18:00Z/2030-01-02T07:00Z" },
            dst = "+491760000001" },
          "00491760000002", "0176 0000-003",
        } },
        { text = "Second", recipients = { { dst = "+49 (176) 0000.004" } } },
      },
      options = {
        blackoutPeriods = { "2030-01-01T18:00+01:00/2030-01-02T07:00+01:00",
          "2030-07-09T10:25:24.683+02:00/2030-07-09T11:25:24.683+02:00" },
        duplicateDetection = true, jobPeriod = "2030-07-09T11:25:24.683+02:00", qos = "EXPRESS",
        invalidCharacters = "TO_UTF16", maxParts = 20, validityMin = 2880, customerRef = "run-7",
        flash = true, statusRequested = true, billcode = "Campaign123", encoding = "UTF-16",
        src = "Acme",
      },
    },
    request = "POST /rest/v1/jobs",
    body = '{"options":{"src":"Acme","encoding":"UTF-16","billcode":"Campaign123",'
      .. '"statusRequested":true,"flash":true,"customerRef":"run-7","validityMin":2880,'
      .. '"maxParts":20,"invalidCharacters":"TO_UTF16","qos":"EXPRESS",'
      .. '"jobPeriod":"2030-07-09T11:25:24.683+02:00","duplicateDetection":true,'
      .. '"blackoutPeriods":["2030-01-01T18:00+01:00\\/2030-01-02T07:00+01:00",'
      .. '"2030-07-09T10:25:24.683+02:00\\/2030-07-09T11:25:24.683+02:00"]},'
      .. '"messages":[{"text":"Grüße, 5 €\\n\\"now\\" \\\\ \\/","recipients":['
      .. '{"dst":"+491760000001","customerRef":"r1",'
      .. '"blackoutPeriods":["2030-01-01T18:00Z\\/2030-01-02T07:00Z"]},'
      .. '{"dst":"00491760000002"},{"dst":"01760000003"}]},'
      .. '{"text":"Second","recipients":[{"dst":"+491760000004"}]}]}',
    status = 200, reply = '{"jobId":"J.2","later":null,"more":[1,{"a":false}]}',
    result = { jobId = "J.2", more = { 1, { a = false } } },
  },
  {
    name = "sends false, 0 and empty lists", operation = "send_job",
    params = {
      options = { statusRequested = false, flash = false, duplicateDetection = false,
        validityMin = 0, blackoutPeriods = {} },
      messages = { { text = "Hi", recipients = {
        { dst = "+491760000001", blackoutPeriods = {} } } } },
    },
    request = "POST /rest/v1/jobs",
    body = '{"options":{"statusRequested":false,"flash":false,"validityMin":0,'
      .. '"duplicateDetection":false,"blackoutPeriods":[]},'
      .. '"messages":[{"text":"Hi","recipients":[{"dst":"+491760000001","blackoutPeriods":[]}]}]}',
    status = 201, reply = '{"jobId":77}', result = { jobId = "77" },
  },
  {
    name = "reads a job", operation = "get_job",
    params = { jobId = "J.20300101-120000.001-0abc" },
    request = "GET /rest/v1/jobs/J.20300101-120000.001-0abc",
    status = 200, reply = REPORT,
    result = {
      jobId = "J.20300101-120000.001-0abc", src = "Acme", encoding = "standard",
      billcode = "Campaign123", statusRequested = true, flash = false, validityMin = 2880,
      customerRef = "InternalID: ABC1234", qos = "NORMAL", receiptTs = "2030-01-01T12:00:00.000Z",
      finishedTs = "2030-01-01T12:25:00.000Z", recipientIds = { "S.1", "S.2" },
    },
  },
  {
    name = "reads a job of which little is known", operation = "get_job",
    params = { jobId = "J/a b?c#d%2F+ä..;" },
    request = "GET /rest/v1/jobs/J%2Fa%20b%3Fc%23d%252F%2B%C3%A4..%3B",
    status = 200, reply = '{"jobId":"J","customerRef":null,"finishedTs":null,"validityMin":"60",'
      .. '"billcode":12345678901,"recipientIds":[],"new":{"deep":[null,1.5]}}',
    result = { jobId = "J", validityMin = 60, billcode = "12345678901", recipientIds = {},
      new = { deep = { 1.5 } } },
  },
  {
    name = "reads a job of which nothing is known but its id", operation = "get_job",
    params = { jobId = "J" }, request = "GET /rest/v1/jobs/J",
    status = 200, reply = '{"jobId":"J","recipientIds":null}',
    result = { jobId = "J", recipientIds = {} },
  },
  {
    name = "reads all recipients of a job", operation = "list_recipients",
    params = { jobId = "J.20300101-120000.001-0abc" },
    request = "GET /rest/v1/sms?jobId=J.20300101-120000.001-0abc",
    status = 200,
    reply = '[{"smsId":"S.1","dst":"+491760000001","processStatus":"DONE","status":"SUC_FIN",'
      .. '"customerRef":"r1","reason":"message_state:DELIVERED [00000002] (Final)",'
      .. '"sentTs":"2030-01-01T10:58:30.022Z","finishedTs":"2030-01-01T10:59:34.150Z"},'
      .. '{"smsId":"S.2","dst":491760000002,"processStatus":"OPEN","status":"",'
      .. '"customerRef":null,"reason":null,"sentTs":null,"operator":26201}]',
    result = {
      { smsId = "S.1", dst = "+491760000001", processStatus = "DONE", status = "SUC_FIN",
        customerRef = "r1", reason = "message_state:DELIVERED [00000002] (Final)",
        sentTs = "2030-01-01T10:58:30.022Z", finishedTs = "2030-01-01T10:59:34.150Z",
        final = true, success = true },
      { smsId = "S.2", dst = "491760000002", processStatus = "OPEN", status = "",
        operator = 26201, final = false },
    },
  },
  {
    name = "escapes a job id in the query", operation = "list_recipients",
    params = { jobId = "a&b=c +ü" },
    request = "GET /rest/v1/sms?jobId=a%26b%3Dc%20%2B%C3%BC",
    status = 200, reply = '[{"smsId":"S","dst":"1"}]',
    result = { { smsId = "S", dst = "1", final = false } },
  },
  {
    name = "lists jobs without any criteria", operation = "list_jobs",
    request = "GET /rest/v1/jobs?jobIdsOnly=true",
    status = 200, reply = "[]", result = {},
  },
  {
    name = "lists jobs by every criterion", operation = "list_jobs",
    params = { limit = 1000, offset = 7, open = true, toTs = "2030-01-31T00:00:00+01:00",
      fromTs = "2030-01-01T00:00:00+01:00", jobIdsOnly = true },
    request = "GET /rest/v1/jobs?jobIdsOnly=true&fromTs=2030-01-01T00%3A00%3A00%2B01%3A00"
      .. "&toTs=2030-01-31T00%3A00%3A00%2B01%3A00&open=true&offset=7&limit=1000",
    status = 200, reply = '[{"jobId":"J.1"},{"jobId":"J.2","src":"Acme"}]',
    result = { { jobId = "J.1" }, { jobId = "J.2", src = "Acme" } },
  },
  {
    name = "sends false and 0 as criteria", operation = "list_jobs",
    params = { open = false, offset = 0, limit = 0 },
    request = "GET /rest/v1/jobs?jobIdsOnly=true&open=false&offset=0&limit=0",
    status = 200, reply = '[{"jobId":"J.1"}]', result = { { jobId = "J.1" } },
  },
  {
    name = "asks for the version", operation = "get_version",
    request = "GET /rest/v1/version",
    status = 200, reply = '{"buildNumber":9007199254740991,"buildTimestamp":"2030-01-01 08:15",'
      .. '"majorVersion":1,"minorVersion":"8","versionInfo":"sms4a","message":"OK"}',
    result = { buildNumber = 9007199254740991, buildTimestamp = "2030-01-01 08:15",
      majorVersion = 1, minorVersion = 8, versionInfo = "sms4a", message = "OK" },
  },
  {
    name = "takes a version without anything in it", operation = "get_version", params = {},
    request = "GET /rest/v1/version",
    status = 200, reply = ' {"buildTimestamp":1893456000} ',
    result = { buildTimestamp = "1893456000" },
  },
}

return cases
