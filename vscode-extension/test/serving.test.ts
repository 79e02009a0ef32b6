/** A server's process, with small programs in its place. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { test } from "node:test";
import { Serving } from "../src/server/serving";

const DEAF = "process.on('SIGTERM', () => 0); process.stdin.resume(); setInterval(() => 0, 1000); console.log('up')";
const LONG_MS = 60_000;

function serving(script: string): { it: Serving; said: string[] } {
  const said: string[] = [];
  return { it: new Serving([process.execPath, "-e", script], (line) => said.push(line)), said };
}

function runs(pid: number | undefined): boolean {
  try {
    return process.kill(pid ?? -1, 0);
  } catch {
    return false;
  }
}

test("one that does not end is killed", async () => {
  const { it, said } = serving(DEAF);
  const child = await it.start();
  await once(child.stdout!, "data");
  assert.ok(runs(child.pid));
  await it.end(50);
  assert.ok(!runs(child.pid));
  assert.match(said.join("\n"), /killed/);
});

test("what it has started is killed with it", { skip: process.platform === "win32" }, async () => {
  const { it } = serving(
    `const { pid } = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(DEAF)}]); console.log(pid); ${DEAF}`,
  );
  const child = await it.start();
  const [text] = (await once(child.stdout!, "data")) as [Buffer];
  const grandchild = Number.parseInt(String(text), 10);
  await it.end(0);
  while (runs(grandchild)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});

test("one that ends by itself is waited for", async () => {
  const { it, said } = serving("process.stdin.resume(); process.stdin.on('end', () => setTimeout(() => 0, 100))");
  const child = await it.start();
  child.stdin!.end();
  await it.end(LONG_MS);
  assert.deepEqual(said, ["the server ended (0)"]);
});

test("one that died is started anew, but not once it was ended", async () => {
  const { it } = serving("process.exit(3)");
  const [first, second] = [await it.start(), await it.start()];
  assert.notEqual(first.pid, second.pid);
  await it.end(LONG_MS);
  await assert.rejects(it.start());
});

test("one that cannot be started says why", async () => {
  const said: string[] = [];
  const it = new Serving(["/no/such/program"], (line) => said.push(line));
  await assert.rejects(it.start(), /ENOENT/);
  assert.match(said.join("\n"), /ENOENT/);
  await it.end(LONG_MS);
});

test("it does not run in the workspace", async () => {
  const { it } = serving("console.log(process.cwd())");
  const child = await it.start();
  const [text] = (await once(child.stdout!, "data")) as [Buffer];
  assert.equal(String(text).trim(), realpathSync(homedir()));
  await it.end(LONG_MS);
});
