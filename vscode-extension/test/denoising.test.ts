import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf, untabbed, widthOf, type Cell } from "../src/denoising/canvas";
import { carried, stretched, type Change, type Span } from "../src/denoising/span";

const cell = (text: string, confidence = 1, state: Cell["state"] = "committed"): Cell => ({ text, confidence, state });
const masked = cell("", 0, "masked");

const canvases: [string, Cell[], number, string[][]][] = [
  ["what is alike is one run", [cell("re"), cell("turn", 0.9), cell(" x", 0.7)], 4, [["0 sure return", "6 likely  x"]]],
  ["a mask is one mark", [cell("a", 0.1), masked, masked], 0, [["0 doubtful a", "1 masked ░░"]]],
  ["a line break begins a row", [cell("a"), cell(":\n  b"), masked], 4, [["0 sure a:"], ["0 sure   b", "3 masked ░"]]],
  ["drafts and locks have shades of their own", [cell("a", 0, "locked"), cell("b", 1, "drafted")], 0, [["0 sure a", "1 drafted b"]]],
  ["tabs are blanks up to the next stop", [cell("\tx\n\ty")], 2, [["0 sure   x"], ["0 sure     y"]]],
  ["wide characters take two columns", [cell("世"), masked], 0, [["0 sure 世", "2 masked ░"]]],
  ["CRLF is one break, blank lines are rows", [cell("a\r\n\r\nb")], 0, [["0 sure a"], [], ["0 sure b"]]],
  ["nothing is one row of nothing", [], 0, [[]]],
];
for (const [name, cells, first, rows] of canvases) {
  test(`canvas: ${name}`, () => {
    const shown = rowsOf(cells, 4, first).map((row) => row.map(({ column, shade, text }) => `${column} ${shade} ${text}`));
    assert.deepEqual(shown, rows);
  });
}

test("a tab's width depends on where it stands", () => {
  assert.equal(untabbed("a\tb\t", 0, 4), "a   b   ");
  assert.equal(widthOf("a世😀"), 5);
});

const change = (rangeOffset: number, rangeLength: number, text: string): Change => ({ rangeOffset, rangeLength, text });
const moves: [string, Span, Change[], [number, number] | undefined][] = [
  ["before it", { start: 5, end: 8 }, [change(0, 1, "abc")], [7, 10]],
  ["right before it", { start: 5, end: 8 }, [change(5, 0, "a")], [6, 9]],
  ["in it", { start: 5, end: 8 }, [change(6, 0, "a")], undefined],
  ["over its end", { start: 5, end: 8 }, [change(7, 3, "")], undefined],
  ["right behind it", { start: 5, end: 8 }, [change(8, 0, "a")], [5, 8]],
  ["at the end of its line", { start: 5, end: 8, closed: true }, [change(8, 0, "a")], undefined],
  ["at an empty one", { start: 5, end: 5 }, [change(5, 0, "a")], undefined],
  ["several, one after another", { start: 5, end: 8 }, [change(9, 1, ""), change(0, 0, "ab")], [7, 10]],
];
for (const [name, span, changes, moved] of moves) {
  test(`a change ${name}`, () => {
    const found = carried(span, changes);
    assert.deepEqual(found && [found.start, found.end], moved);
  });
}

test("a selection grows by what is typed in it", () => {
  assert.deepEqual(stretched({ start: 2, end: 6 }, [change(3, 1, "abc"), change(0, 2, "")]), { start: 0, end: 6 });
});
