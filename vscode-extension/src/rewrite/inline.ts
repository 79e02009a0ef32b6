/** A rewrite in its place, from the order to the edit: denoised before one's eyes, reviewed, made. One at a time. */
import * as vscode from "vscode";
import { Live, spanOf } from "../denoising/live";
import { Painter } from "../denoising/paint";
import type { Change } from "../denoising/span";
import type { Server } from "../server/server";
import { CELL } from "../status/reach";
import { alike, carriedAll, type Hunk } from "./hunks";
import { Lenses } from "./lenses";
import { carryOut, type Order } from "./order";
import { Review } from "./review";

const TOUCHED = "the text was changed where it was being rewritten, so the rewrite was ended";

export class Inline implements vscode.Disposable {
  readonly #painter = new Painter();
  readonly #lenses = new Lenses(() => this.#review);
  readonly #closed = vscode.workspace.onDidCloseTextDocument((document) => {
    if (this.#review?.document === document) {
      this.#close();
    } else if (this.#order?.document === document) {
      this.cancel();
    }
  });
  #review: Review | undefined;
  #order: Order | undefined;
  #live: Live | undefined;
  #running: vscode.CancellationTokenSource | undefined;

  constructor(private readonly server: Server) {}

  /** Have an order carried out and its result reviewed; whatever was shown before ends. */
  async show(order: Order): Promise<void> {
    this.cancel();
    this.#close();
    await this.#run(order, []);
  }

  /** End what is being denoised. */
  cancel(): void {
    this.#running?.cancel();
  }

  /** Draw what was not accepted anew. */
  async reroll(): Promise<void> {
    const review = this.#review;
    if (review && this.#order) {
      const { range: _, ...order } = this.#order;
      const { scope } = review;
      await this.#run({ ...order, seed: order.seed + 1, kept: review.accepted, ...(scope && { range: scope }) }, review.hunks);
    }
  }

  /** Decide about one hunk, by default the current one; after the last the accepted ones are made. */
  async decide(state: Hunk["state"], index = this.#review?.current): Promise<void> {
    await this.#decide(state, index);
  }

  /** Decide about all hunks that are open. */
  async decideAll(state: Hunk["state"]): Promise<void> {
    await this.#decide(state, undefined);
  }

  go(step: number): void {
    this.#review?.go(step);
    this.#lenses.refresh();
  }

  dispose(): void {
    this.cancel();
    this.#close();
    this.#closed.dispose();
    this.#lenses.dispose();
    this.#painter.dispose();
  }

  async #run(order: Order, before: readonly Hunk[]): Promise<void> {
    const { client } = this.server;
    if (client === undefined) {
      tell("the server does not run");
      return;
    }
    const running = new vscode.CancellationTokenSource();
    const { document } = order;
    this.#running = running;
    this.#order = order;
    this.#close();
    setContext("remask.rewriting", true);
    const changes: Change[] = [];
    const changed = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) {
        changes.push(...event.contentChanges);
      }
    });
    const live = new Live(this.#painter, document, order.range, () => {
      running.cancel();
      tell(TOUCHED);
    });
    const select = unselect(document);
    this.#live?.dispose();
    this.#live = live;
    try {
      const edits = await carryOut(client, order, running.token, this.server.onDenoise, (frame) => live.show(frame));
      const cancelled = running.token.isCancellationRequested;
      live.dispose();
      if (edits === undefined && changes.length === 0) {
        select();
      }
      if (this.#running === running) {
        this.#answered(document, carriedAll(before, changes) ?? [], live.asked, cancelled ? undefined : edits);
      }
    } finally {
      changed.dispose();
      running.dispose();
      if (this.#running === running) {
        this.#running = undefined;
        setContext("remask.rewriting", false);
      }
    }
  }

  #answered(
    document: vscode.TextDocument,
    before: readonly Hunk[],
    scope: vscode.Range | undefined,
    edits: readonly vscode.TextEdit[] | undefined,
  ): void {
    if (document.uri.scheme === CELL && edits?.length) {
      void make(document, edits); // a cell is as high as its own lines, so nothing can be shown in between
      return;
    }
    const open = (edit: vscode.TextEdit): Hunk => ({
      ...spanOf(document, edit.range),
      text: edit.newText,
      state: "open",
    });
    const kept = before.filter(({ state }) => state === "accepted");
    const fresh = [...kept, ...(edits ?? []).map(open)].sort((one, other) => one.start - other.start);
    const same = edits !== undefined && alike(fresh, before);
    if (edits?.length === 0 || same) {
      tell(same ? "the model wrote the same again" : "the model would change nothing");
    }
    const hunks = edits?.length && !same ? fresh : before;
    if (hunks.length > 0) {
      this.#open(document, hunks, scope);
    }
  }

  #open(document: vscode.TextDocument, hunks: readonly Hunk[], scope: vscode.Range | undefined): void {
    this.#review = new Review(this.#painter, document, hunks, scope, {
      moved: () => {
        this.#close();
        tell(TOUCHED);
      },
      news: () => this.#lenses.refresh(),
    });
    this.#review.reveal();
    this.#lenses.refresh();
    setContext("remask.reviewing", true);
  }

  #close(): void {
    if (this.#review) {
      this.#review.dispose();
      this.#review = undefined;
      this.#lenses.refresh();
      setContext("remask.reviewing", false);
    }
  }

  async #decide(state: Hunk["state"], index: number | undefined): Promise<void> {
    const review = this.#review;
    review?.decide(state, index);
    this.#lenses.refresh();
    if (review?.decided) {
      const { document, accepted } = review;
      this.#close();
      await make(document, accepted);
    }
  }
}

/** Take the selection away, which would be drawn over what is shown; the function that comes back brings it again. */
function unselect(document: vscode.TextDocument): () => void {
  const editor = vscode.window.visibleTextEditors.find((each) => each.document === document);
  if (editor === undefined) {
    return () => undefined;
  }
  const { selections } = editor;
  editor.selection = new vscode.Selection(editor.selection.start, editor.selection.start);
  return () => (editor.selections = selections);
}

/** Put edits into the document, in one step of undo; VS Code refuses them if it has another version by then. */
async function make(document: vscode.TextDocument, edits: readonly vscode.TextEdit[]): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.set(document.uri, [...edits]);
  if (edits.length > 0 && !(await vscode.workspace.applyEdit(edit))) {
    tell("the text changed meanwhile, so nothing was written");
  }
}

function tell(words: string): void {
  void vscode.window.showInformationMessage(`Remask: ${words}.`);
}

function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand("setContext", key, value);
}
