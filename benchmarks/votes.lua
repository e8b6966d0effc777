-- Each request has a new vote id. BODY contains the constant fields, TOKENS (optional) the path of a file with invitation tokens.
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local body = os.getenv("BODY")
local path = os.getenv("VOTE_PATH")
local tokens = {}
local next_token = 0

function init()
  math.randomseed(os.time())
  local file = os.getenv("TOKENS")
  if file then for line in io.lines(file) do tokens[#tokens + 1] = line end end
end

local function random_id()
  local id = {}
  for i = 1, 22 do local k = math.random(64); id[i] = letters:sub(k, k) end
  return table.concat(id)
end

function request()
  local target = ""
  if #tokens > 0 then
    next_token = next_token % #tokens + 1
    target = '"token":"' .. tokens[next_token] .. '",'
  end
  local text = "{" .. target .. body .. ',"id":"' .. random_id() .. '"}'
  return wrk.format("POST", path, { ["Content-Type"] = os.getenv("CONTENT_TYPE"), ["Origin"] = "https://shop.example" }, text)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
