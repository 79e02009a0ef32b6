--- The language server as one of Neovim's clients.

local M = {}

M.NAME = 'remask'

--- Have Neovim start the server for every file, and look after the buffers it is attached to.
---@param options remask.Options
function M.enable(options)
  vim.lsp.config(M.NAME, {
    cmd = options.cmd,
    root_markers = { '.git' },
    settings = { remask = options.settings },
    capabilities = {
      -- Neovim checks the version of an edit but does not say that it does.
      workspace = { workspaceEdit = { documentChanges = true } },
      experimental = { remaskDoubts = true },
    },
    -- Soon, because an edit for a text that is gone is refused; not at once, for commands change much.
    flags = { debounce_text_changes = 20 },
    handlers = {
      didChangeStatus = require('remask.status').changed,
      ['remask/denoise'] = require('remask.canvas').told,
      ['remask/doubts'] = require('remask.doubts').told,
      ['workspace/applyEdit'] = require('remask.edits').requested,
    },
  })
  local group = vim.api.nvim_create_augroup('remask', {})
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == M.NAME then
        require('remask.suggest').attach(event.buf, client)
        require('remask.keys').attach(event.buf)
        require('remask.next_edit').attach(event.buf)
      end
    end,
  })
  vim.api.nvim_create_autocmd('LspDetach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == M.NAME then
        require('remask.suggest').detach(event.buf)
        require('remask.doubts').clear(event.buf)
        require('remask.next_edit').detach(event.buf)
      end
    end,
  })
  vim.lsp.enable(M.NAME)
end

--- The client of a buffer.
---@param buf? integer default: the current buffer
---@return vim.lsp.Client?
function M.client(buf)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = buf or 0 })[1]
end

--- The client of a buffer, or else any: some commands are not about a buffer.
---@return vim.lsp.Client?
function M.any()
  return M.client() or vim.lsp.get_clients({ name = M.NAME })[1]
end

--- Run a command of the server. `done` gets the error or nil, and the answer.
---@param client vim.lsp.Client
---@param command string
---@param argument any nil for none
---@param done fun(err?: lsp.ResponseError, answer: any)
---@param buf? integer
---@return integer? id of the request, to cancel it
function M.run(client, command, argument, done, buf)
  local params = { command = command }
  if argument ~= nil then
    params.arguments = { argument }
  end
  local sent, id = client:request('workspace/executeCommand', params, done, buf)
  return sent and id or nil
end

--- Tell the user something.
---@param message string
---@param level? integer of `vim.log.levels`; default: INFO
function M.tell(message, level)
  vim.notify('Remask: ' .. message, level or vim.log.levels.INFO)
end

return M
