--- Remask in Neovim: ghost text, rewrites and a status, from the language server `remask serve`.
--- Everything here is a door; what it opens onto lies in the modules beside it. See `:help remask`.

local M = {}

--- Start the server for every file, and set commands, keys and ghost text up. May be called again.
---@param options? remask.Options
function M.setup(options)
  local config = require('remask.config')
  config.use(options)
  require('remask.server').enable(config.options)
  require('remask.commands').create()
end

--- What Remask is doing for a buffer, and why it is silent if it is.
---@param buf? integer default: the current buffer
---@return remask.Status
function M.status(buf)
  return require('remask.status').of(buf)
end

--- The status as a few words for a statusline; empty where Remask is not attached.
---@param buf? integer default: the current buffer
---@return string
function M.statusline(buf)
  return require('remask.status').line(buf)
end

--- Take the suggestion that is shown. Not from an `expr` mapping: the text is locked there.
---@param part? 'all'|'word'|'line' default: all of it
---@return boolean taken false if none is shown
function M.accept(part)
  return require('remask.suggest').accept(part or 'all')
end

--- Hide the suggestion that is shown.
---@return boolean hidden false if none is shown
function M.dismiss()
  return require('remask.suggest').dismiss()
end

--- Ask for several suggestions at the cursor, and with them shown, show the next.
function M.next()
  require('remask.suggest').next()
end

return M
