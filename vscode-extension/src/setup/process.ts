/** Running a program whose output is followed, and which can be stopped with all it has started. */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

export interface Ran {
  /** Null if it was stopped by a signal, -1 if it could not be started. */
  readonly code: number | null;
  /** The last lines it said, of both streams. */
  readonly said: readonly string[];
}

const MOST_LINES = 40;
const PATIENCE_MS = 2000; // for what cleans up behind itself, as pip does

/** Run a program to its end; `onLine` gets what it says, line by line. Never rejects. */
export function run(
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal,
  onLine: (line: string, stream: "stdout" | "stderr") => void = () => undefined,
): Promise<Ran> {
  const said: string[] = [];
  const hear = (line: string, stream: "stdout" | "stderr"): void => {
    said.push(line);
    said.splice(0, said.length - MOST_LINES);
    onLine(line, stream);
  };
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ code: null, said });
      return;
    }
    const env = { ...process.env, PYTHONIOENCODING: "utf-8", PYTHONUNBUFFERED: "1" };
    const child = spawn(program, args, {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32", // its own group, so that all of it can be stopped
      windowsHide: true,
    });
    let patience: NodeJS.Timeout | undefined;
    const stop = (): void => {
      stopAll(child, "SIGINT");
      patience = setTimeout(() => stopAll(child, "SIGKILL"), PATIENCE_MS);
    };
    signal.addEventListener("abort", stop, { once: true });
    createInterface(child.stdout).on("line", (line) => hear(line, "stdout"));
    createInterface(child.stderr).on("line", (line) => hear(line, "stderr"));
    child.on("error", (error) => hear(error.message, "stderr"));
    child.on("close", (code) => {
      signal.removeEventListener("abort", stop);
      clearTimeout(patience);
      resolve({ code: child.pid === undefined ? -1 : code, said });
    });
  });
}

/** Stop a process with its group, which it leads. */
export function stopAll(child: ChildProcess, how: "SIGINT" | "SIGKILL"): void {
  if (child.pid === undefined) {
    return;
  }
  if (process.platform === "win32") {
    spawn("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    return;
  }
  try {
    process.kill(-child.pid, how);
  } catch {
    // it has ended by itself
  }
}
