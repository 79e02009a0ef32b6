--- `:checkhealth remask`

local health = vim.health

local M = {}

local ANSWER_MS = 10000
local COMMAND_MS = 20000

--- Run `remask` with other arguments than `serve`; its output, or nil and why there is none.
---@return string?, string?
local function remask(...)
  local command = vim.deepcopy(require('remask.config').options.cmd)
  if command[#command] == 'serve' then
    table.remove(command)
  end
  vim.list_extend(command, { ... })
  local ran, process = pcall(vim.system, command, { text = true, timeout = COMMAND_MS })
  if not ran then
    return nil, tostring(process)
  end
  local done = process:wait()
  if done.code ~= 0 then
    return nil, vim.trim(done.stderr or '')
  end
  return vim.trim(done.stdout or '')
end

--- The runtime path that this file is in.
local function here()
  local file = debug.getinfo(1, 'S').source:sub(2)
  return vim.fn.fnamemodify(file, ':p:h:h:h')
end

local function check_editor()
  local config = require('remask.config')
  health.start('Remask: editor')
  if vim.fn.has('nvim-0.11') == 0 then
    return health.error('Neovim 0.11 or later is needed, this is ' .. tostring(vim.version()))
  end
  local drawn = { builtin = 'by Neovim', own = 'by the plugin', off = 'by nobody (ghost = "off")' }
  health.ok(('Neovim %s; suggestions are drawn %s'):format(vim.version(), drawn[config.ghost()]))
  if vim.fn.exists(':RemaskStatus') == 0 then
    health.error("the plugin was not set up", "Call require('remask').setup()")
  end
end

--- Whether a model is installed that the server could use.
local function check_model()
  local said, why = remask('models', '--json')
  local read, models = pcall(vim.json.decode, said or '')
  if not read then
    return health.warn('the models could not be listed: ' .. (why or ''))
  end
  local settings = require('remask.config').options.settings
  for _, model in ipairs(models) do
    local wanted = settings.model == nil or settings.model == model.name
    if wanted and model.installed then
      return health.ok(('the model %s is installed'):format(model.name))
    end
  end
  health.warn('no model is installed', 'Run `remask pull` in a terminal')
end

local function check_server()
  health.start('Remask: server')
  local program = require('remask.config').options.cmd[1]
  if vim.fn.executable(program) == 0 then
    return health.error(
      ('%s cannot be run'):format(program),
      'Install Remask, or name the command: require("remask").setup({ cmd = { "/path/to/remask", "serve" } })'
    )
  end
  local version, why = remask('--version')
  if not version then
    return health.error(('%s does not work: %s'):format(program, why), 'Run `remask doctor` in a terminal')
  end
  health.ok(('%s, %s'):format(version, vim.fn.exepath(program)))
  local path = remask('nvim-path')
  if path and vim.fs.normalize(path) ~= vim.fs.normalize(here()) then
    health.warn(
      ('this plugin is from %s, the server from elsewhere'):format(here()),
      'Take the runtime path that `remask nvim-path` prints'
    )
  end
  check_model()
end

---@param client vim.lsp.Client
local function check_client(client)
  local buffers = vim.tbl_count(client.attached_buffers)
  health.ok(('client %d: %s, buffers: %d'):format(client.id, client.root_dir or 'no root', buffers))
  local answer = client:request_sync('workspace/executeCommand', { command = 'remask.status' }, ANSWER_MS)
  if not answer or answer.err then
    return health.error('the server does not answer', 'See :lua vim.cmd.edit(vim.lsp.log.get_filename())')
  end
  local engine = answer.result.engine
  local said = vim.trim(('engine %s: model %s. %s'):format(engine.phase, answer.result.model, engine.message))
  if engine.phase == 'failed' then
    health.error(said, engine.hint ~= '' and engine.hint or 'Run `remask doctor` in a terminal')
  else
    health.ok(said)
  end
  local status = require('remask.status').of_client(client)
  if status.state == 'inactive' or status.state == 'silent' then
    health.info('no suggestion: ' .. status.reason)
  elseif status.state == 'warning' or status.state == 'error' then
    health.warn(status.reason)
  end
end

local function check_clients()
  health.start('Remask: this session')
  local clients = vim.lsp.get_clients({ name = require('remask.server').NAME })
  if #clients == 0 then
    return health.info('no server is running; it starts when a file is opened')
  end
  vim.iter(clients):each(check_client)
end

--- Called by `:checkhealth`.
function M.check()
  check_editor()
  check_server()
  check_clients()
end

return M
