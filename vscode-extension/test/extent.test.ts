import assert from "node:assert/strict";
import { test } from "node:test";
import { lastLine } from "../src/rewrite/extent";

const cases: [string, string, number, number][] = [
  ["a definition goes as far as it is indented", "def a():\n    x\n\n    y\n\ndef b():\n    z", 0, 3],
  ["a line is a line", "x = 1\ny = 2", 0, 0],
  ["one within a body ends with it", "def a():\n    if x:\n        y\n    z", 1, 2],
  ["a closing brace belongs to it", "function a() {\n  x\n}\nb()", 0, 2],
  ["also where the opening one stands alone", "int a()\n{\n  x;\n}\n\nint b;", 0, 3],
  ["so does an end", "def a\n  x\nend\n\nendless = 1", 0, 2],
  ["what is less indented does not", "  x\ny", 0, 0],
  ["the last line", "x\ny", 1, 1],
];
for (const [name, text, first, last] of cases) {
  test(name, () => {
    const lines = text.split("\n");
    const document = { lineCount: lines.length, lineAt: (line: number) => ({ text: lines[line] ?? "" }), positionAt: () => assert.fail() };
    assert.equal(lastLine(document, first), last);
  });
}
