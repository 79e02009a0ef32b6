import assert from "node:assert/strict";
import { test } from "node:test";
import { alike, blockOf, carriedAll, laidOut, type Block, type Hunk, type Lines } from "../src/rewrite/hunks";

const TEXT = "def f():\n    a\n    b\nend";
const lines: Lines = {
  lineCount: 4,
  lineAt: (line) => ({ text: TEXT.split("\n")[line] ?? "" }),
  positionAt: (offset) => {
    const before = TEXT.slice(0, offset).split("\n");
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  },
};
const hunk = (start: number, end: number, text: string): Hunk => ({ start, end, text, state: "open" });

const blocks: [string, Hunk, Block][] = [
  ["whole lines", hunk(9, 15, "    c\n    d\n"), { first: 1, behind: 2, added: ["    c", "    d"] }],
  ["an insertion between lines", hunk(9, 9, "    c\n"), { first: 1, behind: 1, added: ["    c"] }],
  ["a deletion", hunk(9, 21, ""), { first: 1, behind: 3, added: [] }],
  ["the rest of a line and its break", hunk(13, 15, "c\n"), { first: 1, behind: 2, added: ["    c"] }],
  ["a word of a line", hunk(4, 5, "g"), { first: 0, behind: 1, added: ["def g():"] }],
  ["the last line, which has no break", hunk(21, 24, "stop\nnow"), { first: 3, behind: 4, added: ["stop", "now"] }],
  ["CRLF", hunk(9, 15, "    c\r\n"), { first: 1, behind: 2, added: ["    c"] }],
];
for (const [name, given, block] of blocks) {
  test(`a hunk of ${name}`, () => assert.deepEqual(blockOf(given, lines), block));
}

const block = (first: number, behind: number, added: number): Block => ({ first, behind, added: Array<string>(added).fill("x") });
const layouts: [string, Block[], number, number[], number[]][] = [
  ["those that reach no other are all shown", [block(1, 2, 1), block(4, 5, 1)], 0, [0, 1], []],
  ["the current one may cover others", [block(1, 2, 3), block(3, 4, 1), block(9, 9, 1)], 0, [0, 2], [1]],
  ["one that would cover others waits", [block(1, 2, 3), block(3, 4, 1)], 1, [1], []],
  ["none is current", [block(1, 2, 1)], -1, [0], []],
];
for (const [name, given, current, shown, covered] of layouts) {
  test(`layout: ${name}`, () => assert.deepEqual(laidOut(given, current), { shown, covered }));
}

test("hunks are carried together or not at all", () => {
  const both = [hunk(0, 3, "x"), hunk(9, 15, "y")];
  const typed = (rangeOffset: number) => [{ rangeOffset, rangeLength: 0, text: "!" }];
  assert.deepEqual(carriedAll(both, typed(5))?.map(({ start }) => start), [0, 10]);
  assert.equal(carriedAll(both, typed(12)), undefined);
});

test("the same edits are the same rewrite, however they were decided", () => {
  assert.ok(alike([hunk(0, 1, "x")], [{ ...hunk(0, 1, "x"), state: "accepted" }]));
  assert.ok(!alike([hunk(0, 1, "x")], [hunk(0, 1, "y")]));
});
