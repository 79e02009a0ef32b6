/** Work with a notification that shows how far it is and can stop it. */
import * as vscode from "vscode";

/** Words, and how much of the work is done, from 0 to 100, where that is known. */
export type Report = (words: string, percent?: number) => void;

/** What `work` comes to; undefined if the user stopped it. */
export async function watched<T>(title: string, work: (signal: AbortSignal, report: Report) => Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    token.onCancellationRequested(() => stop.abort());
    let shown = 0;
    const report: Report = (message, percent = shown) => {
      progress.report({ message, ...(percent > shown && { increment: percent - shown }) });
      shown = Math.max(shown, percent);
    };
    try {
      const result = await work(stop.signal, report);
      return stop.signal.aborted ? undefined : result;
    } catch (error) {
      if (stop.signal.aborted) {
        return undefined;
      }
      throw error;
    }
  });
}
