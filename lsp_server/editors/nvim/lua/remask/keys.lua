--- Keys of attached buffers. A key with no suggestion to act on does what it did before.

local M = {}

--- The mapping that a key had in insert mode before ours, or has for all buffers.
---@param before table[] the buffer's own mappings
---@param lhs string
---@return table?
local function underneath(before, lhs)
  local raw = vim.api.nvim_replace_termcodes(lhs, true, true, true)
  for _, maps in ipairs({ before, vim.api.nvim_get_keymap('i') }) do
    for _, map in ipairs(maps) do
      if map.lhsraw == raw or map.lhsrawalt == raw then
        return map
      end
    end
  end
end

--- Have keys handled before whatever is typed already.
---@param keys string
---@param remap? boolean
local function feed(keys, remap)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, true, true), remap and 'im' or 'in', false)
end

--- Do what the key does without us.
---@param map? table
---@param lhs string
local function otherwise(map, lhs)
  if not map then
    return feed(lhs)
  end
  local rhs = map.rhs
  if map.callback then
    rhs = map.callback()
  elseif map.expr == 1 then
    rhs = vim.api.nvim_eval(map.rhs)
  end
  if map.expr == 1 or not map.callback then
    feed(rhs or '', map.noremap == 0)
  end
end

--- Whether the key belongs to the completion menu just now.
local function in_menu()
  return vim.fn.pumvisible() == 1 and vim.fn.complete_info({ 'selected' }).selected >= 0
end

local DOES = {
  accept = { 'accept the suggestion', function() return require('remask').accept('all') end },
  word = { 'accept a word of the suggestion', function() return require('remask').accept('word') end },
  line = { 'accept a line of the suggestion', function() return require('remask').accept('line') end },
  dismiss = { 'hide the suggestion', function() return require('remask').dismiss() end },
  next = {
    'other suggestions',
    function()
      require('remask').next()
      return true
    end,
  },
}

--- Map the keys in a buffer, once.
---@param buf integer
function M.attach(buf)
  if vim.b[buf].remask_keys then
    return
  end
  vim.b[buf].remask_keys = true
  local before = vim.api.nvim_buf_get_keymap(buf, 'i')
  for name, lhs in pairs(require('remask.config').options.keys) do
    if lhs then
      local what, act = unpack(DOES[name])
      vim.keymap.set('i', lhs, function()
        -- Not an `expr` mapping: while one is evaluated the text is locked, and what is done later
        -- comes after the keys that follow.
        if in_menu() or not act() then
          otherwise(underneath(before, lhs), lhs)
        end
      end, { buffer = buf, desc = 'Remask: ' .. what })
    end
  end
end

return M
