--- What a command with a range is about: whole lines, or the characters that were selected.

local M = {}

--- Whole lines, counted from 1, as the server takes them.
---@return lsp.Range
function M.lines(first, final)
  return { start = { line = first - 1, character = 0 }, ['end'] = { line = final, character = 0 } }
end

--- Whether the range of a command stands for the last visual selection. `:3,5` may name its lines by
--- chance; then the command line says so.
local function is_selection(given)
  if given.range ~= 2 or vim.fn.line("'<") ~= given.line1 or vim.fn.line("'>") ~= given.line2 then
    return false
  end
  local typed = vim.fn.histget('cmd', -1)
  return not typed:find('Remask', 1, true) or vim.startswith(vim.trim(typed), "'<,'>")
end

--- The characters between two marks, both included.
local function characters(from, to, encoding)
  local line = vim.api.nvim_buf_get_lines(0, to[2] - 1, to[2], true)[1]
  local start, final = { from[2], from[3] - 1 }, { to[2], math.max(0, math.min(to[3], #line) - 1) }
  return vim.lsp.util.make_given_range_params(start, final, 0, encoding).range
end

--- The range of a user command in the current buffer. What was selected by lines or as a block is
--- lines; characters are as they were selected.
---@param given table as a user command gets it
---@param encoding string the client's
---@return lsp.Range
function M.of(given, encoding)
  if vim.fn.mode() == 'v' then -- from a mapping with <Cmd>
    local from, to = vim.fn.getpos('v'), vim.fn.getpos('.')
    if from[2] > to[2] or (from[2] == to[2] and from[3] > to[3]) then
      from, to = to, from
    end
    return characters(from, to, encoding)
  elseif vim.fn.visualmode() == 'v' and is_selection(given) then
    return characters(vim.fn.getpos("'<"), vim.fn.getpos("'>"), encoding)
  end
  return M.lines(given.line1, given.line2)
end

return M
