/** Builds the wheel of the project that the extension brings with it, in dist/wheel; with $PYTHON, if that is set. */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../..", import.meta.url));
const folder = fileURLToPath(new URL("../dist/wheel", import.meta.url));
const known = [["python3"], ["python"], ["py", "-3"]];
const pythons = process.env.PYTHON ? [[process.env.PYTHON]] : known;
const found = pythons.find(([program, ...args]) => spawnSync(program, [...args, "-m", "pip", "--version"]).status === 0);
if (found === undefined) {
  throw new Error("a Python with pip is needed to build the wheel that the extension brings; $PYTHON may name one");
}
rmSync(folder, { recursive: true, force: true }); // an older version's wheel would be packed too
const [python, ...args] = found;
const pip = ["-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, project];
const { status } = spawnSync(python, [...args, ...pip], { stdio: "inherit" });
if (status !== 0) {
  process.exit(status ?? 1);
}
console.log(`dist/wheel: ${readdirSync(folder).join(", ")}`);
