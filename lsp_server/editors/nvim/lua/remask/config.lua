--- The options of `setup`, checked.

local M = {}

---@class remask.Keys in insert mode; false leaves a key alone
---@field accept string|false
---@field word string|false
---@field line string|false
---@field next string|false
---@field dismiss string|false

---@class remask.Options
---@field cmd? string[] starts the server
---@field settings? table the server's settings, without the outer `remask`
---@field keys? remask.Keys|false
---@field ghost? 'auto'|'builtin'|'own'|'off' who draws suggestions; auto: Neovim where it can
---@field preview? boolean show rewrites as a diff, to be accepted
---@field canvas? boolean draw rewrites while they are denoised
---@field next_edit? {accept?: string, dismiss?: string}|false keys of normal mode while a next edit is shown

---@type remask.Options
M.defaults = {
  cmd = { 'remask', 'serve' },
  settings = {},
  -- Those of copilot.vim, which fingers know.
  keys = {
    accept = '<Tab>',
    word = '<M-Right>',
    line = '<M-C-Right>',
    next = '<M-]>',
    dismiss = '<C-]>',
  },
  ghost = 'auto',
  preview = false,
  canvas = true,
  next_edit = { accept = '<Tab>', dismiss = '<Esc>' },
}

M.options = M.defaults

local GHOSTS = { auto = true, builtin = true, own = true, off = true }

--- Whether Neovim itself can show inline completions (0.12).
---@return boolean
function M.has_builtin()
  return vim.lsp.inline_completion ~= nil
end

--- Who draws suggestions here.
---@return 'builtin'|'own'|'off'
function M.ghost()
  local wanted = M.options.ghost
  if wanted == 'auto' or (wanted == 'builtin' and not M.has_builtin()) then
    return M.has_builtin() and 'builtin' or 'own'
  end
  return wanted --[[@as 'builtin'|'own'|'off']]
end

--- Take the user's options over the defaults. Raises an error that names what is wrong.
---@param options? remask.Options
function M.use(options)
  options = options or {}
  for name in pairs(options) do
    if M.defaults[name] == nil then
      error(('remask: there is no option %q'):format(name), 0)
    end
  end
  local chosen = vim.tbl_extend('force', M.defaults, options)
  vim.validate('cmd', chosen.cmd, 'table')
  vim.validate('settings', chosen.settings, 'table')
  vim.validate('ghost', chosen.ghost, function(name)
    return GHOSTS[name] ~= nil
  end, 'auto, builtin, own or off')
  vim.validate('preview', chosen.preview, 'boolean')
  vim.validate('canvas', chosen.canvas, 'boolean')
  vim.validate('next_edit', chosen.next_edit, { 'table', 'boolean' })
  if chosen.next_edit then
    local given = chosen.next_edit == true and {} or chosen.next_edit
    chosen.next_edit = vim.tbl_extend('force', M.defaults.next_edit, given)
  end
  chosen.keys = M._keys(chosen.keys)
  M.options = chosen
end

--- Keys over the defaults; false for all of them is a table of none.
function M._keys(keys)
  if keys == false then
    return {}
  end
  vim.validate('keys', keys, 'table')
  for name in pairs(keys) do
    if M.defaults.keys[name] == nil then
      error(('remask: there is no key %q'):format(name), 0)
    end
  end
  return vim.tbl_extend('force', M.defaults.keys, keys)
end

return M
