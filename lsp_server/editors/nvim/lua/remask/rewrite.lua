--- Rewriting what is selected, and doing the last rewrite over.

local canvas = require('remask.canvas')
local config = require('remask.config')
local review = require('remask.review')
local selection = require('remask.selection')
local server = require('remask.server')
local tell = server.tell

local M = {}

---@class remask.Order
---@field command string
---@field buf integer
---@field range? lsp.Range
---@field words remask.Words
---@field seed integer
---@field preview boolean whether it is shown before it lands

---@class remask.Done what `reroll` takes back: the text as it was left
---@field order remask.Order
---@field tick integer

---@type remask.Done?
local last
---@class remask.Running
---@field buf integer
---@field client vim.lsp.Client
---@field failed fun()
---@field token string under which its canvas is told of
---@field id? integer

---@type remask.Running?
local running

local NAMESPACE = vim.api.nvim_create_namespace('remask.rewrite')
local WARN = vim.log.levels.WARN
local CANCELLED = -32800
local UNDER_WAY = 'another rewrite is under way; :RemaskCancel ends it'

local function tick(buf)
  return vim.api.nvim_buf_get_changedtick(buf)
end

--- Say beside the lines that something is under way.
local function mark(order)
  local row = order.range and order.range.start.line or 0
  vim.api.nvim_buf_set_extmark(order.buf, NAMESPACE, row, 0, {
    virt_text = { { ' denoising …', 'RemaskSuggestion' } },
    virt_text_pos = 'eol',
  })
end

---@param work remask.Running
local function finish(work)
  if running ~= work then
    return -- cancelled
  end
  running = nil
  canvas.forget(work.token)
  if vim.api.nvim_buf_is_valid(work.buf) then
    vim.api.nvim_buf_clear_namespace(work.buf, NAMESPACE, 0, -1)
  end
end

---@type integer
local sent = 0

--- Have the server carry an order out. `failed` is called if nothing comes of it.
---@param order remask.Order
---@param failed? fun()
local function send(order, failed)
  local client = server.client(order.buf)
  if not client then
    return tell('not attached to this buffer', WARN)
  elseif running then
    return tell(UNDER_WAY, WARN)
  end
  local argument = {
    uri = vim.uri_from_bufnr(order.buf),
    range = order.range,
    version = vim.lsp.util.buf_versions[order.buf],
    instruction = order.words.instruction,
    strength = order.words.strength,
    task = order.words.task,
    lock = order.words.lock,
    seed = order.seed,
    apply = not order.preview,
  }
  sent = sent + 1
  local token = ('remask-%d-%d'):format(vim.uv.os_getpid(), sent)
  local work = { buf = order.buf, client = client, failed = failed or function() end, token = token }
  if config.options.canvas then
    argument.token = token
    canvas.watch(token, order.buf)
  end
  local function landed()
    last = { order = order, tick = require('remask.edits').left_at[order.buf] }
  end
  work.id = server.run(client, order.command, argument, function(err, answer)
    finish(work)
    if not err and answer and answer.applied then
      return landed()
    elseif not err and answer and answer.edit and vim.api.nvim_buf_is_loaded(order.buf) then
      return review.show(order.buf, answer.edit, client, order, landed)
    end
    if not err or err.code ~= CANCELLED then
      tell(err and err.message or (answer and answer.failureReason) or 'nothing was changed', WARN)
    end
    work.failed()
  end, order.buf)
  if work.id then
    running = work
    mark(order)
  else
    canvas.forget(token)
  end
end

---@param given table as a user command gets it
local function shown_first(given)
  return given.bang or config.options.preview
end

--- Rewrite a range of the current buffer; asks for an instruction if there are no words.
---@param given table as a user command gets it
function M.rewrite(given)
  local read, words = pcall(require('remask.words').read, given.args)
  if not read then
    return tell(words --[[@as string]], WARN)
  end
  local buf = vim.api.nvim_get_current_buf()
  local client = server.client(buf)
  if not client then
    return tell('not attached to this buffer', WARN)
  end
  local order = {
    command = 'remask.rewrite',
    buf = buf,
    range = selection.of(given, client.offset_encoding),
    words = words,
    seed = 0,
    preview = shown_first(given),
  }
  if words.instruction or words.strength or words.task then
    return send(order)
  end
  local seen = tick(buf)
  vim.ui.input({ prompt = 'Rewrite how? (empty: simplify) ' }, function(answer)
    if not answer then
      return
    elseif not vim.api.nvim_buf_is_valid(buf) or tick(buf) ~= seen then
      return tell('the buffer changed meanwhile, so nothing was done', WARN)
    end
    local fine, said = pcall(require('remask.words').read, answer)
    if not fine then
      return tell(said --[[@as string]], WARN)
    end
    order.words = said --[[@as remask.Words]]
    send(order)
  end)
end

--- Fill the marked holes of the current buffer, or of lines of it.
---@param given table as a user command gets it
function M.fill_holes(given)
  local buf = vim.api.nvim_get_current_buf()
  local range = given.range > 0 and selection.lines(given.line1, given.line2) or nil
  local preview = shown_first(given)
  send({ command = 'remask.fillHoles', buf = buf, range = range, words = {}, seed = 0, preview = preview })
end

---@param buf integer
---@param command 'undo'|'redo'
local function step(buf, command)
  vim.api.nvim_buf_call(buf, function()
    vim.cmd({ cmd = command, mods = { silent = true } })
  end)
end

--- Ask for another instead of the rewrite that is shown.
---@param order remask.Order
local function redraw(order)
  if running then
    return tell(UNDER_WAY, WARN)
  end
  review.reject()
  order.seed = order.seed + 1
  send(order)
end

--- Take the last rewrite back and ask for it again with another seed. If nothing comes of that, it stays.
function M.reroll()
  local waiting = review.order(vim.api.nvim_get_current_buf())
  if waiting then
    return redraw(waiting)
  end
  local done = last
  if not done then
    return tell('there is no rewrite to do over', WARN)
  end
  local buf = done.order.buf
  if not vim.api.nvim_buf_is_valid(buf) or tick(buf) ~= done.tick then
    return tell('the buffer changed since the rewrite', WARN)
  elseif running then
    return tell(UNDER_WAY, WARN)
  end
  step(buf, 'undo')
  local before = tick(buf)
  done.order.seed = done.order.seed + 1
  send(done.order, function()
    if vim.api.nvim_buf_is_valid(buf) and tick(buf) == before then
      step(buf, 'redo')
      done.tick = tick(buf)
    end
  end)
end

--- End the rewrite that is under way with what is there of it.
function M.take()
  local work = running
  if not work then
    return tell('nothing is under way')
  end
  server.run(work.client, 'remask.takeNow', { uri = vim.uri_from_bufnr(work.buf) }, function(err)
    if err then
      tell(err.message, WARN)
    end
  end)
end

--- Whether a rewrite is under way.
---@return boolean
function M.running()
  return running ~= nil
end

--- End the rewrite that is under way. Neovim hands no answer on to what was cancelled.
function M.cancel()
  local work = running
  if not work then
    return tell('nothing is under way')
  end
  finish(work)
  work.client:cancel_request(work.id)
  work.failed()
end

return M
