--- Underlines tokens of accepted text that the model was not sure of. The server says which they are; its
--- hover (`K`) shows what else might stand there, its code actions (`gra`) take one of them.

local M = {}

local ns = vim.api.nvim_create_namespace('remask.doubts')

local function highlight()
  vim.api.nvim_set_hl(0, 'RemaskDoubt', { underdotted = true, default = true })
end

highlight()
vim.api.nvim_create_autocmd('ColorScheme', { callback = highlight })

--- Handler of `remask/doubts`. What is told of another version is not drawn: the next is under way, but
--- for the last, which says that there are none any more.
---@param params {uri: string, version?: integer, doubts: {range: lsp.Range}[]}
function M.told(_, params, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local buf = vim.uri_to_bufnr(params.uri)
  if not client or not vim.api.nvim_buf_is_loaded(buf) then
    return
  elseif #params.doubts == 0 then
    return M.clear(buf)
  elseif vim.lsp.util.buf_versions[buf] ~= params.version then
    return
  end
  M.clear(buf)
  for _, doubt in ipairs(params.doubts) do
    local range = doubt.range
    local from = M.place(buf, range.start, client.offset_encoding)
    local to = M.place(buf, range['end'], client.offset_encoding)
    if from and to then
      vim.api.nvim_buf_set_extmark(buf, ns, from[1], from[2], {
        end_row = to[1],
        end_col = to[2],
        hl_group = 'RemaskDoubt',
        right_gravity = true,
        end_right_gravity = false,
        undo_restore = false,
        invalidate = true,
      })
    end
  end
end

--- Where a position of the protocol is in a buffer, zero-based and in bytes; nil if it is not there.
---@param buf integer
---@param position lsp.Position
---@param encoding string
---@return {[1]: integer, [2]: integer}?
function M.place(buf, position, encoding)
  local line = vim.api.nvim_buf_get_lines(buf, position.line, position.line + 1, false)[1]
  local found, byte = pcall(vim.str_byteindex, line or '', encoding, position.character, false)
  return line and found and { position.line, byte } or nil
end

--- Take the underlines of a buffer away.
---@param buf integer
function M.clear(buf)
  vim.api.nvim_buf_clear_namespace(buf, ns, 0, -1)
end

return M
