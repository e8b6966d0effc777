-- The same request again and again. METHOD, REQUEST_PATH, BODY and TAG (the entity tag that a browser has) are in the environment.
local headers = {
  ["Origin"] = "https://shop.example", ["Sec-Fetch-Mode"] = "no-cors", ["Accept-Encoding"] = "gzip, deflate, br",
  ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
}
headers["If-None-Match"] = os.getenv("TAG")
local text

function request()
  -- wrk knows the host only now.
  text = text or wrk.format(os.getenv("METHOD"), os.getenv("REQUEST_PATH"), headers, os.getenv("BODY"))
  return text
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
