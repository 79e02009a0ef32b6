--- Places in a buffer, and text put there.

local M = {}

---@class remask.Place zero-based, in bytes
---@field row integer
---@field col integer

--- Where the cursor is in the current window.
---@return remask.Place
function M.cursor()
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  return { row = row - 1, col = col }
end

--- What stands between two places; nil if they are the wrong way round or not there any more.
---@param buf integer
---@param from remask.Place
---@param to remask.Place
---@return string?
function M.between(buf, from, to)
  if to.row < from.row or (to.row == from.row and to.col < from.col) then
    return nil
  end
  local there, lines = pcall(vim.api.nvim_buf_get_text, buf, from.row, from.col, to.row, to.col, {})
  return there and table.concat(lines, '\n') or nil
end

--- What stands right of a place in its line.
---@param buf integer
---@param place remask.Place
---@return string
function M.tail(buf, place)
  local line = vim.api.nvim_buf_get_lines(buf, place.row, place.row + 1, false)[1] or ''
  return line:sub(place.col + 1)
end

--- Where the cursor is and in which text: a question and its answer belong together if it is the same for both.
---@return string
function M.moment()
  local buf, at = vim.api.nvim_get_current_buf(), M.cursor()
  return ('%d:%d:%d:%d'):format(buf, vim.api.nvim_buf_get_changedtick(buf), at.row, at.col)
end

---@class remask.Offered a text that was offered at the cursor
---@field buf integer
---@field at remask.Place where that was
---@field tail string what stood right of it
---@field text string

--- What of it is not typed yet; nil if what was typed since is something else, or all of it.
---@param offered remask.Offered
---@return string?
function M.rest(offered)
  local cursor = M.cursor()
  local typed = M.between(offered.buf, offered.at, cursor)
  if not typed or not vim.startswith(offered.text, typed) or M.tail(offered.buf, cursor) ~= offered.tail then
    return nil
  end
  local text = offered.text:sub(#typed + 1)
  return text ~= '' and text or nil
end

--- Put text at a place of the current window's buffer, and the cursor behind it.
---@param place remask.Place
---@param text string
function M.insert(place, text)
  local lines = vim.split(text, '\n', { plain = true })
  vim.api.nvim_buf_set_text(0, place.row, place.col, place.row, place.col, lines)
  local before = #lines == 1 and place.col or 0
  vim.api.nvim_win_set_cursor(0, { place.row + #lines, before + #lines[#lines] })
end

--- The first part of a text that a key takes: a word with the white space before it, the rest of a
--- line (with the line break before it if that is next), or all.
---@param text string
---@param part 'all'|'word'|'line'
---@return string
function M.first(text, part)
  if part == 'word' then
    local word = vim.fn.matchstr(text, [[^\_s*\%(\k\+\|\%(\k\@!\S\)\+\)]])
    return word == '' and text or word
  elseif part == 'line' then
    return text:match('^\n?[^\n]*')
  end
  return text
end

--- The same of a suggestion's rest, but a word or a line goes up to the next doubtful token at most: the
--- server cuts the text there, and the parts ride in the item's command.
---@param item {text: string, command?: lsp.Command} all of the suggestion
---@param text string what of it is not typed yet
---@param part 'all'|'word'|'line'
---@return string
function M.surely(item, text, part)
  local piece = M.first(text, part)
  local parts = part ~= 'all' and item.command and (item.command.arguments or {})[2]
  local typed, at = #item.text - #text, 0
  for _, sure in ipairs(parts or {}) do
    at = at + #sure
    if at > typed then
      return piece:sub(1, at - typed)
    end
  end
  return piece
end

return M
