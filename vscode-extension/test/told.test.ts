import assert from "node:assert/strict";
import { test } from "node:test";
import { counts } from "../src/confidence/told";

test("told: doubts are of one version, their absence is of each that follows", () => {
  assert.equal(counts({ version: 7, ranges: ["one"] }, 7), true);
  assert.equal(counts({ version: 7, ranges: ["one"] }, 8), false);
  assert.equal(counts({ version: 7, ranges: [] }, 8), true);
});
