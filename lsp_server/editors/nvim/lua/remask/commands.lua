--- The `:Remask…` commands.

local server = require('remask.server')
local tell = server.tell

local M = {}

local WARN = vim.log.levels.WARN

--- Run a command that is about the whole server; `done` gets its answer.
local function about_server(command, argument, done)
  local client = server.any()
  if not client then
    return tell('no server is running: open a file', WARN)
  end
  server.run(client, command, argument, function(err, answer)
    if err then
      return tell(err.message, WARN)
    end
    done(answer)
  end)
end

local function snooze(given)
  local minutes = 15
  if given.args ~= '' then
    minutes = tonumber(given.args) --[[@as number]]
  end
  if not minutes or minutes <= 0 then
    return tell('how many minutes? A number above 0', WARN)
  end
  about_server('remask.snooze', minutes, function(answer)
    require('remask.suggest').hide()
    tell('silent until ' .. os.date('%H:%M', answer.snoozedUntil) .. '; :RemaskResume ends it')
  end)
end

local function resume()
  about_server('remask.snooze', 0, function()
    tell('suggesting again')
  end)
end

--- The server's counts of something, such as `accepted 3, shown 5`.
local function counts(of)
  local parts = {}
  for name, count in vim.spairs(type(of) == 'table' and of or {}) do
    table.insert(parts, ('%s %d'):format(name, count))
  end
  return #parts > 0 and table.concat(parts, ', ') or 'none'
end

local function status()
  about_server('remask.status', nil, function(answer)
    local here = require('remask.status').of()
    local engine = answer.engine
    tell(table.concat({
      ('%s%s'):format(here.state, here.reason ~= '' and ': ' .. here.reason or ''),
      ('model %s, engine %s %s'):format(answer.model, engine.phase, engine.message),
      'suggestions: ' .. counts(answer.suggestions),
      'silences: ' .. counts(answer.silences),
    }, '\n'))
  end)
end

local function suspect()
  local buf = vim.api.nvim_get_current_buf()
  local client = server.client(buf)
  if not client then
    return tell('no server is running: open a file', WARN)
  end
  server.run(client, 'remask.suspect', { uri = vim.uri_from_bufnr(buf) }, function(err, answer)
    if err then
      return tell(err.message, WARN)
    elseif answer.found == 0 then
      return tell('nothing suspicious')
    end
    local found = vim.tbl_filter(function(each)
      return each.source == 'Remask' and each.code == 'suspicion'
    end, vim.diagnostic.get(buf))
    vim.fn.setqflist({}, ' ', { title = 'Remask: suspicious code', items = vim.diagnostic.toqflist(found) })
    vim.cmd.copen()
  end, buf)
end

---@type table<string, {[1]: fun(given: table), [2]: vim.api.keyset.user_command}>
local COMMANDS = {
  Rewrite = {
    function(given)
      require('remask.rewrite').rewrite(given)
    end,
    { range = true, bang = true, nargs = '*', desc = 'Rewrite: [task=types] [strength=0.3] [lock=names,comments] [instruction]; with !, show it first' },
  },
  FillHoles = {
    function(given)
      require('remask.rewrite').fill_holes(given)
    end,
    { range = true, bang = true, desc = 'Fill the marked holes; with !, show them first' },
  },
  FillAllHoles = {
    function()
      require('remask.consequences').fill_all()
    end,
    { desc = 'Fill the marked holes of all buffers, each seeing the others' },
  },
  Change = {
    function(given)
      require('remask.consequences').change(vim.trim(given.args))
    end,
    { nargs = '*', desc = 'Change a definition and all that uses it: [name | (parameters)]' },
  },
  Accept = { function() require('remask.review').accept() end, { desc = 'Let the rewrite land that is shown' } },
  Reject = { function() require('remask.review').reject() end, { desc = 'Drop the rewrite that is shown' } },
  Reroll = { function() require('remask.rewrite').reroll() end, { desc = 'Do the last rewrite over' } },
  Cancel = { function() require('remask.rewrite').cancel() end, { desc = 'End the rewrite under way' } },
  Take = { function() require('remask.rewrite').take() end, { desc = 'Take what is there of the rewrite under way' } },
  Suspect = { suspect, { desc = 'Look for suspicious code and list it' } },
  Snooze = { snooze, { nargs = '?', desc = 'No suggestions for some minutes' } },
  Resume = { resume, { desc = 'Suggest again' } },
  Status = { status, { desc = 'What Remask is doing, and why it is silent' } },
}

--- Make the commands.
function M.create()
  for name, command in pairs(COMMANDS) do
    vim.api.nvim_create_user_command('Remask' .. name, command[1], command[2])
  end
end

return M
