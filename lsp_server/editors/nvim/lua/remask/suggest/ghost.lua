--- Ghost text of our own, of which there is one at a time: drawn, followed while it is typed, taken.

local place = require('remask.suggest.place')

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('remask.ghost')
vim.api.nvim_set_hl(0, 'RemaskSuggestion', {
  default = true,
  link = vim.fn.hlexists('ComplHint') == 1 and 'ComplHint' or 'NonText',
})

---@class remask.Ghost
---@field buf integer
---@field client_id integer
---@field at remask.Place where the items begin
---@field tail string what stood right of it
---@field items lsp.InlineCompletionItem[]
---@field index integer

---@type remask.Ghost?
local current

--- What of the item is not typed yet; nil if it fits no more.
---@param shown remask.Ghost
---@return string?
local function rest(shown)
  local text = shown.items[shown.index].insertText --[[@as string]]
  return place.rest({ buf = shown.buf, at = shown.at, tail = shown.tail, text = text })
end

---@param shown remask.Ghost
---@param text string
local function draw(shown, text)
  vim.api.nvim_buf_clear_namespace(shown.buf, NAMESPACE, 0, -1)
  local lines = vim.split(text, '\n', { plain = true })
  local tab = (' '):rep(vim.bo[shown.buf].tabstop)
  local virtual = vim.tbl_map(function(line)
    return { { (line:gsub('\t', tab)), 'RemaskSuggestion' } }
  end, lines)
  if #shown.items > 1 then
    local which = (' (%d/%d)'):format(shown.index, #shown.items)
    table.insert(virtual[#virtual], { which, 'RemaskSuggestion' })
  end
  local cursor = place.cursor()
  vim.api.nvim_buf_set_extmark(shown.buf, NAMESPACE, cursor.row, cursor.col, {
    virt_text = virtual[1],
    virt_text_pos = 'inline',
    virt_lines = #virtual > 1 and vim.list_slice(virtual, 2) or nil,
    hl_mode = 'combine',
  })
end

--- Show items at the cursor, the first of them.
---@param buf integer the current buffer
---@param client_id integer
---@param items lsp.InlineCompletionItem[]
function M.show(buf, client_id, items)
  M.clear()
  local at = place.cursor()
  items = vim.tbl_filter(function(item)
    return type(item.insertText) == 'string' and item.insertText ~= ''
  end, items)
  if #items > 0 then
    current = { buf = buf, client_id = client_id, at = at, tail = place.tail(buf, at), items = items, index = 1 }
    draw(current, items[1].insertText --[[@as string]])
  end
end

--- Whether ghost text of ours is shown in a buffer.
---@param buf integer 0 for the current
---@return boolean
function M.shown(buf)
  return current ~= nil and current.buf == (buf == 0 and vim.api.nvim_get_current_buf() or buf)
end

--- Show the next item; false if there is only one.
---@return boolean
function M.cycle()
  if not current or #current.items < 2 then
    return false
  end
  current.index = current.index % #current.items + 1
  local text = rest(current)
  if text then
    draw(current, text)
  else
    M.clear()
  end
  return true
end

--- After a key: keep what is left of the text that was typed along, or clear it.
---@param buf integer
---@return boolean kept
function M.follow(buf)
  local text = current and current.buf == buf and rest(current)
  if text then
    draw(current, text)
    return true
  end
  M.clear()
  return false
end

--- Hide the ghost text.
function M.clear()
  if current and vim.api.nvim_buf_is_valid(current.buf) then
    vim.api.nvim_buf_clear_namespace(current.buf, NAMESPACE, 0, -1)
  end
  current = nil
end

--- Put the first part of the ghost text into the buffer; the rest goes on being shown.
---@param part 'all'|'word'|'line'
function M.take(part)
  local shown = current
  local text = shown and rest(shown)
  if not shown or not text then
    return M.clear()
  end
  local item = shown.items[shown.index]
  local piece = place.surely({ text = item.insertText, command = item.command }, text, part)
  place.insert(place.cursor(), piece)
  if piece ~= text then
    return M.follow(shown.buf)
  end
  M.clear()
  local command = shown.items[shown.index].command
  local client = vim.lsp.get_client_by_id(shown.client_id)
  if command and client then
    client:exec_cmd(command, { bufnr = shown.buf })
  end
end

return M
