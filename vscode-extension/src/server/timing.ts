/** How long the extension host is held up by a keystroke; written to the file $REMASK_TIMINGS names, for scripts/bench_vscode. */
import { appendFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Middleware } from "vscode-languageclient";

const FILE = process.env["REMASK_TIMINGS"];
const EACH_MS = 1000;
const taken: Record<"change" | "ask", number[]> = { change: [], ask: [] };

/** Around what is called for each change of a document, and for each question for ghost text: up to where it waits. */
export const timed: Middleware = FILE === undefined ? {} : measured(FILE);

function measured(file: string): Middleware {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  setInterval(() => {
    const entry = { ...taken, loopMs: { p50: loop.percentile(50) / 1e6, p99: loop.percentile(99) / 1e6, max: loop.max / 1e6 } };
    appendFileSync(file, `${JSON.stringify(entry)}\n`);
    taken.change = [];
    taken.ask = [];
    loop.reset();
  }, EACH_MS).unref();
  return {
    didChange: (event, next) => clocked(taken.change, () => next(event)),
    provideInlineCompletionItems: (document, position, context, token, next) =>
      clocked(taken.ask, () => next(document, position, context, token)),
  };
}

function clocked<T>(into: number[], work: () => T): T {
  const start = performance.now();
  try {
    return work();
  } finally {
    into.push(performance.now() - start);
  }
}
