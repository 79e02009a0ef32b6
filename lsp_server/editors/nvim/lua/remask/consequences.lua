--- A change of a definition carried to all that uses it, and the holes of all buffers at once.

local server = require('remask.server')
local tell = server.tell

local M = {}

local WARN = vim.log.levels.WARN

--- Say what was done; the places that were left alone are in the quickfix list.
local function told(err, answer)
  if err then
    return tell(err.message, WARN)
  elseif not answer.applied then
    return tell(answer.failureReason or 'nothing was changed', WARN)
  end
  tell(('%d places in %d files; undo goes file by file'):format(answer.edits, answer.documents))
  if #answer.left == 0 then
    return
  end
  local items = vim.tbl_map(function(each)
    return { filename = vim.uri_to_fname(each.uri), lnum = each.line + 1, text = each.why }
  end, answer.left)
  vim.fn.setqflist({}, ' ', { title = 'Remask: left alone', items = items })
end

local function run(command, argument)
  local client = server.client()
  if not client then
    return tell('no server is running: open a file', WARN)
  end
  server.run(client, command, argument(client), told, vim.api.nvim_get_current_buf())
end

--- Rename what is defined at the cursor, give it other `(parameters)`, or carry on what was typed there.
---@param given string
function M.change(given)
  run('remask.changeWithConsequences', function(client)
    local place = vim.lsp.util.make_position_params(0, client.offset_encoding)
    local asked = { uri = place.textDocument.uri, position = place.position }
    if vim.startswith(given, '(') then
      asked.signature = given
    elseif given ~= '' then
      asked.name = given
    end
    return asked
  end)
end

--- Fill the marked holes of all buffers that the server knows.
function M.fill_all()
  run('remask.fillHolesTogether', function()
    return vim.empty_dict()
  end)
end

return M
