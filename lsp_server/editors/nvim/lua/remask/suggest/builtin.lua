--- Neovim 0.12's own inline completion, with what its `get` lacks: parts, and no doubled characters.

local place = require('remask.suggest.place')

local M = {}

--- More than Neovim needs to get round to what is scheduled.
local LATER_MS = 100

--- Have Neovim show suggestions in a buffer.
---@param buf integer
---@param client vim.lsp.Client
function M.enable(buf, client)
  if client:supports_method('textDocument/inlineCompletion', buf) then
    vim.lsp.inline_completion.enable(true, { bufnr = buf })
  end
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
---@return boolean shown
local function get(take)
  local over = false
  local shown = vim.lsp.inline_completion ~= nil
    and vim.lsp.inline_completion.get({
      on_accept = function(item)
        take(item)
        over = true
      end,
    })
  if shown then
    vim.wait(LATER_MS, function()
      return over
    end, 1)
  end
  return shown
end

--- Accept what is shown.
---@param part 'all'|'word'|'line'
---@return boolean taken false if nothing is shown
function M.take(part)
  return get(function(item)
    local text = rest(item)
    if not text then
      return
    end
    local piece = place.first(text, part)
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
  return get(function() end)
end

return M
