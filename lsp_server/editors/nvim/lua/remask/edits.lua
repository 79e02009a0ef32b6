--- Edits that the server asks for: refused for a text that is gone, else one step of undo.

local M = {}

---@type table<integer, integer> the `changedtick` of a buffer right behind our last edit of it
M.left_at = {}

--- Why an edit must not be applied; nil if it may be.
---@param edit lsp.WorkspaceEdit
---@return string?
local function obstacle(edit)
  for _, change in ipairs(edit.documentChanges or {}) do
    local document = change.textDocument
    local buf = document and vim.uri_to_bufnr(document.uri)
    local versioned = document and type(document.version) == 'number'
    if buf and versioned and not vim.api.nvim_buf_is_loaded(buf) then
      return 'the buffer was closed'
    elseif buf and versioned and vim.lsp.util.buf_versions[buf] ~= document.version then
      return 'the buffer changed meanwhile, so nothing was done'
    elseif buf and not vim.bo[buf].modifiable then
      return 'the buffer cannot be modified'
    end
  end
end

--- Close the open step of undo, which in insert mode has what was typed so far.
local function close_undo(bufs)
  for _, buf in ipairs(bufs) do
    vim.api.nvim_buf_call(buf, function()
      vim.cmd('let &g:undolevels = &g:undolevels')
    end)
  end
end

---@param edit lsp.WorkspaceEdit
---@return integer[]
local function buffers(edit)
  local uris = vim.tbl_keys(edit.changes or {})
  for _, change in ipairs(edit.documentChanges or {}) do
    table.insert(uris, change.textDocument.uri)
  end
  return vim.tbl_map(vim.uri_to_bufnr, uris)
end

--- Apply an edit, unless its text is gone.
---@param edit lsp.WorkspaceEdit
---@param client vim.lsp.Client
---@return lsp.ApplyWorkspaceEditResult
function M.apply(edit, client)
  local refused = obstacle(edit)
  if refused then
    return { applied = false, failureReason = refused }
  end
  local bufs = buffers(edit)
  vim.tbl_map(vim.fn.bufload, bufs)
  close_undo(bufs)
  local applied, failure = pcall(vim.lsp.util.apply_workspace_edit, edit, client.offset_encoding)
  close_undo(bufs)
  for _, buf in ipairs(bufs) do
    M.left_at[buf] = vim.api.nvim_buf_get_changedtick(buf)
  end
  return { applied = applied, failureReason = not applied and tostring(failure) or nil }
end

--- Handler of `workspace/applyEdit`.
---@param params lsp.ApplyWorkspaceEditParams
---@return lsp.ApplyWorkspaceEditResult
function M.requested(_, params, context)
  return M.apply(params.edit, assert(vim.lsp.get_client_by_id(context.client_id)))
end

return M
