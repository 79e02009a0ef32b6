--- A rewrite that is shown as a diff in its buffer before it lands.

local edits = require('remask.edits')
local server = require('remask.server')

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('remask.review')
local HINT = ' :RemaskAccept, :RemaskReject or :RemaskReroll'
local diff = vim.text and vim.text.diff or vim.diff

---@class remask.Review
---@field buf integer
---@field tick integer of the text that the diff is drawn into
---@field edit lsp.WorkspaceEdit
---@field client vim.lsp.Client
---@field order remask.Order what it answers
---@field landed fun() called when it was accepted

---@type remask.Review?
local shown

--- The edits of the one document.
---@param edit lsp.WorkspaceEdit
---@return lsp.TextEdit[]
local function text_edits(edit)
  local change = (edit.documentChanges or {})[1]
  return change and change.edits or select(2, next(edit.changes or {})) or {}
end

--- The lines of a buffer as they would be.
local function lines_after(buf, edit, encoding)
  local scratch = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(scratch, 0, -1, false, vim.api.nvim_buf_get_lines(buf, 0, -1, false))
  vim.lsp.util.apply_text_edits(vim.deepcopy(text_edits(edit)), scratch, encoding)
  local lines = vim.api.nvim_buf_get_lines(scratch, 0, -1, false)
  vim.api.nvim_buf_delete(scratch, { force = true })
  return lines
end

--- Lines that go and lines that come, for each place that changes.
local function draw(buf, before, after)
  local joined = function(lines)
    return table.concat(lines, '\n') .. '\n'
  end
  local hunks = diff(joined(before), joined(after), { result_type = 'indices' }) --[[@as integer[][] ]]
  for number, hunk in ipairs(hunks) do
    local first, count, new_first, new_count = unpack(hunk)
    for row = first - 1, first + count - 2 do
      vim.api.nvim_buf_set_extmark(buf, NAMESPACE, row, 0, { line_hl_group = 'DiffDelete' })
    end
    local added = vim.tbl_map(function(line)
      return { { line, 'DiffAdd' } }
    end, vim.list_slice(after, new_first, new_first + new_count - 1))
    local row = count == 0 and first - 1 or first + count - 2
    vim.api.nvim_buf_set_extmark(buf, NAMESPACE, math.max(row, 0), 0, {
      virt_lines = added,
      virt_lines_above = row < 0,
      virt_text = number == 1 and { { HINT, 'RemaskSuggestion' } } or nil,
      virt_text_pos = 'eol',
    })
  end
end

--- Take the diff away.
---@return remask.Review? it
local function close()
  local review = shown
  shown = nil
  if review and vim.api.nvim_buf_is_valid(review.buf) then
    vim.api.nvim_buf_clear_namespace(review.buf, NAMESPACE, 0, -1)
  end
  return review
end

--- Show what an edit would change. A change of the text takes it away.
---@param buf integer
---@param edit lsp.WorkspaceEdit
---@param client vim.lsp.Client
---@param order remask.Order
---@param landed fun()
function M.show(buf, edit, client, order, landed)
  close()
  local before = vim.api.nvim_buf_get_lines(buf, 0, -1, false)
  draw(buf, before, lines_after(buf, edit, client.offset_encoding))
  local tick = vim.api.nvim_buf_get_changedtick(buf)
  shown = { buf = buf, tick = tick, edit = edit, client = client, order = order, landed = landed }
  local review = shown
  vim.api.nvim_create_autocmd({ 'TextChanged', 'TextChangedI', 'BufUnload' }, {
    buffer = buf,
    callback = function(event)
      if shown ~= review then
        return true
      elseif event.event == 'BufUnload' or vim.api.nvim_buf_get_changedtick(buf) ~= tick then
        close()
        return true
      end
    end,
  })
end

--- What was asked for, if the answer waits to be accepted in a buffer.
---@return remask.Order?
function M.order(buf)
  return shown and shown.buf == buf and shown.order or nil
end

--- Let the rewrite land that is shown.
function M.accept()
  local review = close()
  if not review then
    return server.tell('there is no rewrite to accept')
  end
  local result = edits.apply(review.edit, review.client)
  if not result.applied then
    return server.tell(result.failureReason, vim.log.levels.WARN)
  end
  review.landed()
end

--- Drop the rewrite that is shown.
function M.reject()
  if not close() then
    server.tell('there is no rewrite to reject')
  end
end

return M
