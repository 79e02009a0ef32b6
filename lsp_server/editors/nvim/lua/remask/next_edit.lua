--- The edit that follows the last one: asked for in normal mode when a change rests, drawn where it would be
--- made, jumped to and accepted by a key.

local doubts = require('remask.doubts')
local edits = require('remask.edits')
local server = require('remask.server')

local M = {}

local PAUSE_MS = 400
local NAMESPACE = vim.api.nvim_create_namespace('remask.next_edit')
vim.api.nvim_set_hl(0, 'RemaskNextOld', { default = true, link = 'DiffDelete' })
vim.api.nvim_set_hl(0, 'RemaskNextNew', { default = true, link = 'DiffAdd' })

---@class remask.NextEdit
---@field client vim.lsp.Client
---@field buf integer
---@field tick integer the buffer's `changedtick`
---@field from {[1]: integer, [2]: integer} zero-based, in bytes
---@field edit {text: string, range: lsp.Range, command: lsp.Command, textDocument: {uri: string, version: integer}}

---@type remask.NextEdit?
local current
---@type fun()[] give the keys back that mean something while an edit is shown
local give_back = {}
---@type {client: vim.lsp.Client, id: integer}?
local pending
---@type table<integer, integer> the `changedtick` of each buffer at which was asked last, or nothing is to be asked
local asked = {}
local turn = 0

local function normal()
  return vim.api.nvim_get_mode().mode == 'n'
end

--- Hide the edit that is shown, and withdraw what was asked.
function M.clear()
  turn = turn + 1
  if pending then
    local running = pending
    pending = nil
    running.client:cancel_request(running.id)
  end
  for _, give in ipairs(give_back) do
    give()
  end
  give_back = {}
  if current and vim.api.nvim_buf_is_valid(current.buf) then
    vim.api.nvim_buf_clear_namespace(current.buf, NAMESPACE, 0, -1)
  end
  current = nil
end

--- Map a key of normal mode in a buffer until the edit is hidden.
---@param buf integer
---@param lhs string
---@param act fun()
---@param what string
local function borrow(buf, lhs, act, what)
  local raw = vim.api.nvim_replace_termcodes(lhs, true, true, true)
  local before = vim.iter(vim.api.nvim_buf_get_keymap(buf, 'n')):find(function(map)
    return map.lhsraw == raw or map.lhsrawalt == raw
  end)
  vim.keymap.set('n', lhs, act, { buffer = buf, nowait = true, desc = 'Remask: ' .. what })
  table.insert(give_back, function()
    if vim.api.nvim_buf_is_valid(buf) then
      pcall(vim.keymap.del, 'n', lhs, { buffer = buf })
      if before then
        vim.api.nvim_buf_call(buf, function()
          vim.fn.mapset('n', false, before)
        end)
      end
    end
  end)
end

--- Draw an edit in its buffer, if that has the version it is for.
local function show(client, edit)
  local buf = vim.uri_to_bufnr(edit.textDocument.uri)
  if not vim.api.nvim_buf_is_loaded(buf) or vim.lsp.util.buf_versions[buf] ~= edit.textDocument.version then
    return
  end
  local from = doubts.place(buf, edit.range.start, client.offset_encoding)
  local to = doubts.place(buf, edit.range['end'], client.offset_encoding)
  if not from or not to then
    return
  end
  local text = edit.text:gsub('\r?\n', '⏎')
  vim.api.nvim_buf_set_extmark(buf, NAMESPACE, from[1], from[2], {
    end_row = to[1],
    end_col = to[2],
    hl_group = 'RemaskNextOld',
  })
  vim.api.nvim_buf_set_extmark(buf, NAMESPACE, to[1], to[2], {
    virt_text = { { text, 'RemaskNextNew' } },
    virt_text_pos = 'inline',
  })
  local tick = vim.api.nvim_buf_get_changedtick(buf)
  current = { client = client, buf = buf, tick = tick, from = from, edit = edit }
  local keys = require('remask.config').options.next_edit
  local bufs = { buf, vim.api.nvim_get_current_buf() }
  for _, each in ipairs(bufs[1] == bufs[2] and { buf } or bufs) do
    borrow(each, keys.accept, M.accept, 'go to the next edit, or accept it')
    borrow(each, keys.dismiss, M.dismiss, 'hide the next edit')
  end
end

local function ask(buf)
  local client = server.client(buf)
  if not client or buf ~= vim.api.nvim_get_current_buf() or not normal() then
    return
  end
  local now, tick = turn, vim.api.nvim_buf_get_changedtick(buf)
  asked[buf] = tick
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.textDocument.version = vim.lsp.util.buf_versions[buf]
  local sent, id = client:request('textDocument/copilotInlineEdit', params, function(err, result)
    if now ~= turn then
      return
    end
    pending = nil
    local edit = not err and result and result.edits and result.edits[1]
    if edit and normal() and vim.api.nvim_buf_get_changedtick(buf) == tick then
      show(client, edit)
    end
  end, buf)
  pending = sent and { client = client, id = id } or nil
end

--- Ask after a pause, unless that was done for this text. What undo brings back is not followed up.
local function soon(buf)
  local tick = vim.api.nvim_buf_get_changedtick(buf)
  if asked[buf] == tick then
    return
  end
  M.clear()
  local tree = vim.fn.undotree()
  if tree.seq_cur < tree.seq_last then
    return
  end
  local now = turn
  vim.defer_fn(function()
    if now == turn and vim.api.nvim_buf_is_valid(buf) then
      ask(buf)
    end
  end, PAUSE_MS)
end

--- Follow the changes of a buffer from now on.
---@param buf integer
function M.attach(buf)
  if not require('remask.config').options.next_edit then
    return
  end
  asked[buf] = vim.api.nvim_buf_get_changedtick(buf)
  local group = vim.api.nvim_create_augroup('remask.next_edit.' .. buf, {})
  vim.api.nvim_create_autocmd({ 'InsertLeave', 'TextChanged' }, {
    group = group,
    buffer = buf,
    callback = function()
      soon(buf)
    end,
  })
  vim.api.nvim_create_autocmd({ 'InsertEnter', 'BufUnload' }, { group = group, buffer = buf, callback = M.clear })
end

--- Stop following a buffer.
---@param buf integer
function M.detach(buf)
  pcall(vim.api.nvim_del_augroup_by_name, 'remask.next_edit.' .. buf)
  asked[buf] = nil
  M.clear()
end

--- The edit that is shown and still fits its buffer.
local function standing()
  local shown = current
  if shown and vim.api.nvim_buf_is_valid(shown.buf) and vim.api.nvim_buf_get_changedtick(shown.buf) == shown.tick then
    return shown
  end
  M.clear()
end

--- Go to the edit that is shown; if the cursor is in its line already, make it.
---@return boolean done false if none is shown
function M.accept()
  local shown = standing()
  if not shown then
    return false
  end
  local at = vim.api.nvim_win_get_cursor(0)
  if vim.api.nvim_get_current_buf() ~= shown.buf or at[1] ~= shown.from[1] + 1 then
    vim.cmd("normal! m'")
    vim.api.nvim_set_current_buf(shown.buf)
    vim.api.nvim_win_set_cursor(0, { shown.from[1] + 1, shown.from[2] })
    return true
  end
  M.clear()
  local change = { range = shown.edit.range, newText = shown.edit.text }
  local edit = { documentChanges = { { textDocument = shown.edit.textDocument, edits = { change } } } }
  if edits.apply(edit, shown.client).applied then
    shown.client:exec_cmd(shown.edit.command, { bufnr = shown.buf })
  end
  return true
end

--- Hide the edit that is shown, and do not have it offered again.
---@return boolean hidden false if none is shown
function M.dismiss()
  local shown = standing()
  if not shown then
    return false
  end
  M.clear()
  server.run(shown.client, 'remask.dismissNextEdit', shown.edit.command.arguments[1], function() end)
  return true
end

return M
