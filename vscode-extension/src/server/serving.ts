/** The process of `remask serve`: started for a client, anew if it dies, and surely ended. Knows nothing of VS Code. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { stopAll } from "../setup/process";

const KILLED_MS = 2000; // a process that cannot even be killed keeps nobody from starting another

export class Serving {
  #child: ChildProcess | undefined;
  #over = false;

  constructor(
    private readonly command: readonly [string, ...string[]],
    private readonly say: (line: string) => void,
  ) {}

  /** Start it; rejects if that cannot be done, or if it was ended meanwhile. */
  readonly start = async (): Promise<ChildProcess> => {
    if (this.#over) {
      throw new Error("the server is not wanted any more");
    }
    const [program, ...args] = this.command;
    const child = spawn(program, args, {
      cwd: home(),
      detached: process.platform !== "win32", // its own group, so that all of it can be killed, but for the engine
      windowsHide: true,
    });
    this.#child = child;
    child.on("error", (error) => this.say(error.message));
    child.on("exit", (code, signal) => this.say(`the server ended (${signal ?? code})`));
    await once(child, "spawn");
    return child;
  };

  /** Wait until it has ended, which it was told to, and kill it if that takes longer than `patienceMs`. */
  async end(patienceMs: number): Promise<void> {
    this.#over = true;
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const gone = new Promise((resolve) => child.once("exit", resolve));
    const wait = new AbortController();
    const left = (ms: number): Promise<void> => pause(ms, undefined, { signal: wait.signal }).catch(() => undefined);
    await Promise.race([gone, left(patienceMs)]);
    if (child.exitCode === null && child.signalCode === null) {
      this.say(`the server does not end, so it is killed (${child.pid})`);
      stopAll(child, "SIGKILL");
      await Promise.race([gone, left(KILLED_MS)]);
    }
    wait.abort();
  }
}

/** Where `remask` runs: not in the workspace, where `python -m` would import what lies there; undefined if there is none. */
export function home(): string | undefined {
  const folder = homedir();
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? folder : undefined;
}
