--- What is written behind `:RemaskRewrite`.

local M = {}

---@class remask.Words
---@field instruction? string
---@field strength? number above 0, at most 1
---@field task? string
---@field lock? string[] kinds of what must stay

local KINDS = { names = true, literals = true, signatures = true, comments = true }

---@type table<string, fun(given: string): any>
local READ = {
  strength = function(given)
    local strength = tonumber(given)
    if not strength or strength <= 0 or strength > 1 then
      error(('strength must be above 0 and at most 1, not %q'):format(given), 0)
    end
    return strength
  end,
  lock = function(given)
    local kinds = vim.split(given, ',', { trimempty = true })
    for _, kind in ipairs(kinds) do
      if not KINDS[kind] then
        error(('lock takes names, literals, signatures and comments, not %q'):format(kind), 0)
      end
    end
    return kinds
  end,
  task = function(given)
    return given
  end,
}

--- Split `strength=0.3 lock=names add type hints` into its parts. Raises an error for a part that is none.
---@param text string
---@return remask.Words
function M.read(text)
  local words = {}
  local rest = vim.trim(text)
  while true do
    local name, given, behind = rest:match('^(%l+)=(%S*)%s*(.*)$')
    if not name or not READ[name] then
      break
    end
    words[name] = READ[name](given)
    rest = behind
  end
  words.instruction = rest ~= '' and rest or nil
  return words
end

return M
