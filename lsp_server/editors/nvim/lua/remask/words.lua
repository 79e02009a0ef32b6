--- What is written behind `:RemaskRewrite`.

local M = {}

---@class remask.Words
---@field instruction? string
---@field strength? number above 0, at most 1

--- Split `strength=0.3 add type hints` into its parts. Raises an error for a strength that is none.
---@param text string
---@return remask.Words
function M.read(text)
  local given, said = vim.trim(text):match('^strength=(%S*)%s*(.*)$')
  local strength = tonumber(given)
  if given and (not strength or strength <= 0 or strength > 1) then
    error(('strength must be above 0 and at most 1, not %q'):format(given), 0)
  end
  said = given and said or vim.trim(text)
  return { instruction = said ~= '' and said or nil, strength = strength }
end

return M
