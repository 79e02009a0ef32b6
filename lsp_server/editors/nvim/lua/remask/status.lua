--- What the server says it is doing, by client.

local M = {}

---@class remask.Status
---@field state 'off'|'ready'|'busy'|'silent'|'inactive'|'warning'|'error'
---@field reason string in words; empty if all is well
---@field remote? string the host that code is sent to, if it leaves this machine
---@field silence? string the server's own name for why there is no suggestion

---@type table<integer, {busy: boolean, kind: string, message?: string, silence?: string}>
local told = {}

local STATE = { Error = 'error', Warning = 'warning', Inactive = 'inactive' }

--- Handler of `didChangeStatus`; fires the event `User RemaskStatus`.
function M.changed(_, params, context)
  told[context.client_id] = params
  vim.api.nvim_exec_autocmds('User', { pattern = 'RemaskStatus', modeline = false })
  vim.cmd.redrawstatus({ bang = true })
end

--- The status of a client.
---@param client vim.lsp.Client
---@return remask.Status
function M.of_client(client)
  local params = told[client.id]
  if not params then
    return { state = 'busy', reason = 'the server is starting' }
  end
  local state = STATE[params.kind] or (params.busy and 'busy') or (params.silence and 'silent') or 'ready'
  -- What is inactive comes without a message, because other clients would pop it up.
  local reason = params.message or (params.silence or ''):gsub('%-', ' ')
  return { state = state, reason = reason, silence = params.silence, remote = params.remote }
end

--- See `require('remask').status`.
---@return remask.Status
function M.of(buf)
  local client = require('remask.server').client(buf)
  return client and M.of_client(client) or { state = 'off', reason = 'not attached to this buffer' }
end

--- See `require('remask').statusline`.
---@return string
function M.line(buf)
  local status = M.of(buf)
  if status.state == 'off' then
    return ''
  elseif status.state == 'ready' then
    return status.remote and ('remask → %s'):format(status.remote) or 'remask'
  elseif status.state == 'busy' then
    return status.reason == '' and 'remask …' or ('remask … %s'):format(status.reason)
  end
  return ('remask: %s'):format(status.reason)
end

return M
