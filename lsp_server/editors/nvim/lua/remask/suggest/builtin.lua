--- Neovim 0.12's own inline completion, with what it lacks: parts, no doubled characters, and nothing
--- shown that was typed over or answered too late.

local ask = require('remask.suggest.ask')
local ghost = require('remask.suggest.ghost')
local place = require('remask.suggest.place')

local M = {}

--- More than Neovim needs to get round to what is scheduled.
local LATER_MS = 100

local METHOD = 'textDocument/inlineCompletion'
local AUTOMATIC = 2
local NAMESPACE = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')

---@type table<integer, remask.Offered?> what Neovim was answered last, by buffer
local offered = {}
---@type table<integer, true> the clients that are listened to
local heard = {}

--- Know what a client answers Neovim, which tells nobody, and keep from it what comes too late.
---@param client vim.lsp.Client
local function listen(client)
  if heard[client.id] then
    return
  end
  heard[client.id] = true
  local request = client.request
  client.request = function(self, method, params, handler, buf)
    if method ~= METHOD or not handler or params.context.triggerKind ~= AUTOMATIC then
      return request(self, method, params, handler, buf)
    elseif ask.waiting() or ghost.shown(0) then
      return false -- the user asked here for several
    end
    local asked, at = place.moment(), place.cursor()
    return request(self, method, params, function(err, result, context)
      if place.moment() ~= asked then
        result = nil
      end
      local item = result and (result.items or result)[1]
      if item then
        offered[context.bufnr] =
          { buf = context.bufnr, at = at, tail = place.tail(context.bufnr, at), text = item.insertText }
      end
      handler(err, result, context)
    end, buf)
  end
end

--- Have Neovim show suggestions in a buffer.
---@param buf integer
---@param client vim.lsp.Client
function M.enable(buf, client)
  if client:supports_method(METHOD, buf) then
    listen(client)
    vim.lsp.inline_completion.enable(true, { bufnr = buf })
  end
end

--- After a key: hide what something else was typed than. Neovim would show it until the next answer.
---@param buf integer the current one
function M.follow(buf)
  if offered[buf] and not place.rest(offered[buf]) then
    vim.api.nvim_buf_clear_namespace(buf, NAMESPACE, 0, -1)
  end
end

--- Forget what was offered in a buffer.
---@param buf integer
function M.forget(buf)
  offered[buf] = nil
end

--- Whether Neovim shows something in the current buffer.
local function shown()
  return #vim.api.nvim_buf_get_extmarks(0, NAMESPACE, 0, -1, { limit = 1 }) > 0
end

--- What of an item is not typed yet. The item begins where the cursor was when it was asked for.
---@param item vim.lsp.inline_completion.Item
---@return string?
local function rest(item)
  local text = item.insert_text
  if type(text) ~= 'string' or not item.range then
    return nil
  end
  local row, col = item.range:to_extmark()
  local typed = place.between(0, { row = row, col = col }, place.cursor())
  if typed and vim.startswith(text, typed) then
    return text:sub(#typed + 1)
  end
end

--- Neovim's `get`, which hides what is shown and hands it over later, done now: so that keys that
--- are typed already come behind it.
---@param take fun(item: vim.lsp.inline_completion.Item)
---@return boolean taken
local function get(take)
  local over = false
  local taken = vim.lsp.inline_completion ~= nil
    and vim.lsp.inline_completion.get({
      on_accept = function(item)
        take(item)
        over = true
      end,
    })
  if taken then
    vim.wait(LATER_MS, function()
      return over
    end, 1)
  end
  return taken
end

--- Accept what is shown.
---@param part 'all'|'word'|'line'
---@return boolean taken false if nothing is shown
function M.take(part)
  return shown() and get(function(item)
    local text = rest(item)
    if not text then
      return
    end
    local piece = place.surely({ text = item.insert_text, command = item.command }, text, part)
    place.insert(place.cursor(), piece)
    local client = vim.lsp.get_client_by_id(item.client_id)
    if piece == text and item.command and client then
      client:exec_cmd(item.command, { bufnr = vim.api.nvim_get_current_buf() })
    end
  end)
end

--- Hide what is shown.
---@return boolean hidden false if nothing is shown
function M.dismiss()
  local was = shown()
  return get(function() end) and was
end

return M
