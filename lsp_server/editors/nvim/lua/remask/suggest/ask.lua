--- Asking the server for suggestions: after a pause, one question at a time, stale answers dropped.

local ghost = require('remask.suggest.ghost')
local place = require('remask.suggest.place')
local server = require('remask.server')

local M = {}

--- Only gathers what happens at one key press: how long to wait for more typing the server knows.
local PAUSE_MS = 50

---@type uv.uv_timer_t?
local timer
---@type {client: vim.lsp.Client, id: integer}?
local pending
---@type string? where and in which text was asked last
local asked

local function typing()
  return vim.api.nvim_get_mode().mode:sub(1, 1) == 'i'
end

--- Withdraw what was asked and not answered.
function M.forget()
  if timer then
    timer:stop()
    timer:close()
    timer = nil
  end
  if pending then
    local running = pending
    pending = nil
    running.client:cancel_request(running.id)
  end
  asked = nil
end

---@param buf integer
---@param kind integer 1: the user asked; 2: while typing
local function request(buf, kind)
  local client = server.client(buf)
  if buf ~= vim.api.nvim_get_current_buf() or not typing() or not client then
    return
  end
  local now = place.moment()
  asked = now
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = kind }
  local sent, id = client:request('textDocument/inlineCompletion', params, function(err, result)
    if asked == now then
      pending = nil
    end
    if err or not result or result == vim.NIL or asked ~= now or not typing() or place.moment() ~= now then
      return
    end
    ghost.show(buf, client.id, result.items or result)
  end, buf)
  pending = sent and { client = client, id = id } or nil
end

--- Ask when the keys rest; a later question takes this one's place.
---@param buf integer the current one
function M.soon(buf)
  if asked == place.moment() then
    return -- typing a character moves the cursor too
  end
  M.forget()
  asked = place.moment()
  timer = vim.defer_fn(function()
    timer = nil
    request(buf, 2)
  end, PAUSE_MS)
end

--- Whether what was asked at this place is not answered yet.
---@return boolean
function M.waiting()
  return pending ~= nil and asked == place.moment()
end

--- Ask at once, for several suggestions.
---@param buf integer
function M.now(buf)
  M.forget()
  request(buf, 1)
end

return M
