--- Suggestions at the cursor, whoever draws them: Neovim 0.12 itself, or `ghost.lua`.

local ask = require('remask.suggest.ask')
local builtin = require('remask.suggest.builtin')
local config = require('remask.config')
local ghost = require('remask.suggest.ghost')

local M = {}

--- Once the engine has started, ask again where it was asked in vain, as if the cursor had moved.
--- An engine that cannot start says so and is not asked: each question would start it again.
local function when_ready()
  local waiting = false
  return function()
    local status = require('remask.status').of()
    if status.silence == 'engine-starting' then
      waiting = true
      return
    end
    local waited = waiting and not status.silence and status.state ~= 'error'
    waiting = false
    if waited and vim.startswith(vim.api.nvim_get_mode().mode, 'i') then
      ask.forget()
      vim.api.nvim_exec_autocmds('CursorMovedI', { buffer = vim.api.nvim_get_current_buf() })
    end
  end
end

vim.api.nvim_create_autocmd('User', {
  group = vim.api.nvim_create_augroup('remask.suggest', {}),
  pattern = 'RemaskStatus',
  callback = when_ready(),
})

--- Show suggestions in a buffer from now on.
---@param buf integer
---@param client vim.lsp.Client
function M.attach(buf, client)
  local who = config.ghost()
  if who == 'builtin' then
    builtin.enable(buf, client)
  end
  local group = vim.api.nvim_create_augroup('remask.suggest.' .. buf, {})
  vim.api.nvim_create_autocmd({ 'InsertEnter', 'CursorMovedI', 'TextChangedI', 'TextChangedP' }, {
    group = group,
    buffer = buf,
    callback = function()
      if who ~= 'own' then
        ghost.clear() -- what `next` asked for; Neovim asks anew by itself
        builtin.follow(buf)
      elseif not ghost.follow(buf) then
        ask.soon(buf)
      end
    end,
  })
  vim.api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, {
    group = group,
    buffer = buf,
    callback = function()
      ask.forget()
      ghost.clear()
    end,
  })
end

--- Stop showing suggestions in a buffer.
---@param buf integer
function M.detach(buf)
  pcall(vim.api.nvim_del_augroup_by_name, 'remask.suggest.' .. buf)
  builtin.forget(buf)
  if ghost.shown(buf) then
    ghost.clear()
  end
end

--- Hide whatever is shown, whoever drew it.
function M.hide()
  ask.forget()
  ghost.clear()
  builtin.dismiss()
end

--- See `require('remask').accept`.
---@param part 'all'|'word'|'line'
---@return boolean
function M.accept(part)
  if ghost.shown(0) then
    ghost.take(part)
    return true
  end
  return config.ghost() == 'builtin' and builtin.take(part)
end

--- See `require('remask').dismiss`.
---@return boolean
function M.dismiss()
  if ghost.shown(0) then
    ghost.clear()
    return true
  end
  return config.ghost() == 'builtin' and builtin.dismiss()
end

--- See `require('remask').next`.
function M.next()
  if ghost.shown(0) and ghost.cycle() then
    return
  end
  builtin.dismiss()
  ask.now(vim.api.nvim_get_current_buf())
end

return M
