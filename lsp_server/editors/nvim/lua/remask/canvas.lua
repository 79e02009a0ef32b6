--- Draws a rewrite while it is denoised: the canvas over the text that it will replace.

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('remask.canvas')
local MASK = '░'
for name, link in pairs({ RemaskMask = 'NonText', RemaskDraft = 'Comment', RemaskCommit = 'Normal' }) do
  vim.api.nvim_set_hl(0, name, { default = true, link = link })
end
local LOOK = { masked = 'RemaskMask', drafted = 'RemaskDraft', committed = 'RemaskCommit', locked = 'RemaskCommit' }

---@class remask.Hole
---@field mark integer spans the text that will be replaced
---@field drawn integer[]

---@class remask.Canvas
---@field buf integer
---@field holes remask.Hole[]

---@type table<string, remask.Canvas> by the token of their request
local canvases = {}

--- Draw what is told about `token` into a buffer.
function M.watch(token, buf)
  canvases[token] = { buf = buf, holes = {} }
end

--- Take the drawing away.
function M.forget(token)
  local canvas = canvases[token]
  canvases[token] = nil
  if canvas and vim.api.nvim_buf_is_valid(canvas.buf) then
    vim.api.nvim_buf_clear_namespace(canvas.buf, NAMESPACE, 0, -1)
  end
end

--- Remember where holes stand, if the text is still that of the server.
local function place(canvas, params, encoding)
  vim.api.nvim_buf_clear_namespace(canvas.buf, NAMESPACE, 0, -1)
  canvas.holes = {}
  if vim.lsp.util.buf_versions[canvas.buf] ~= params.version then
    return
  end
  local function bytes(position)
    local line = vim.api.nvim_buf_get_lines(canvas.buf, position.line, position.line + 1, false)[1] or ''
    return vim.str_byteindex(line, encoding, position.character, false)
  end
  for _, range in ipairs(params.ranges) do
    local start, final = range.start, range['end']
    local mark = vim.api.nvim_buf_set_extmark(canvas.buf, NAMESPACE, start.line, bytes(start), {
      end_row = final.line,
      end_col = bytes(final),
      invalidate = true,
      strict = false,
    })
    table.insert(canvas.holes, { mark = mark, drawn = {} })
  end
end

--- The cells as lines of chunks.
---@return [string, string][][]
local function lines_of(cells, tab)
  local lines = { {} }
  for _, cell in ipairs(cells) do
    local text = cell.state == 'masked' and MASK or cell.text
    for number, part in ipairs(vim.split(text:gsub('\t', tab), '\n', { plain = true })) do
      if number > 1 then
        table.insert(lines, {})
      end
      table.insert(lines[#lines], { part, LOOK[cell.state] })
    end
  end
  return lines
end

--- Blanks behind a line, so that nothing of `old` shows behind it.
local function covering(line, old)
  local width = 0
  for _, chunk in ipairs(line) do
    width = width + vim.api.nvim_strwidth(chunk[1])
  end
  return { (' '):rep(vim.fn.strdisplaywidth(old) - width), 'Normal' }
end

---@param hole remask.Hole
local function draw(buf, hole, cells)
  for _, mark in ipairs(hole.drawn) do
    vim.api.nvim_buf_del_extmark(buf, NAMESPACE, mark)
  end
  hole.drawn = {}
  local at = vim.api.nvim_buf_get_extmark_by_id(buf, NAMESPACE, hole.mark, { details = true })
  local final = at[3] and { at[3].end_row, at[3].end_col }
  if not final or at[3].invalid or final[1] < at[1] or (final[1] == at[1] and final[2] < at[2]) then
    return -- what stood there is gone
  end
  local old = vim.api.nvim_buf_get_text(buf, at[1], at[2], final[1], final[2], {})
  if #old > 1 and old[#old] == '' then
    table.remove(old)
  end
  local lines = lines_of(cells, (' '):rep(vim.bo[buf].tabstop))
  local function show(row, column, options)
    table.insert(hole.drawn, vim.api.nvim_buf_set_extmark(buf, NAMESPACE, row, column, options))
  end
  for number, covered in ipairs(old) do
    local line = lines[number] or {}
    table.insert(line, covering(line, covered))
    local column = number == 1 and at[2] or 0
    show(at[1] + number - 1, column, { virt_text = line, virt_text_pos = 'overlay', priority = 200 })
  end
  if #lines > #old then
    show(at[1] + #old - 1, 0, { virt_lines = vim.list_slice(lines, #old + 1) })
  end
end

--- Handler of `remask/denoise`: where the holes stand, then the canvas of one of them after each step.
function M.told(_, params, context)
  local canvas = canvases[params.token]
  if not canvas or not vim.api.nvim_buf_is_loaded(canvas.buf) then
    return
  elseif params.ranges then
    place(canvas, params, assert(vim.lsp.get_client_by_id(context.client_id)).offset_encoding)
  elseif params.cells and params.candidate == 0 and canvas.holes[params.hole + 1] then
    draw(canvas.buf, canvas.holes[params.hole + 1], params.cells)
  end
end

return M
