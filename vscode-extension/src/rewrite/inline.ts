/** A rewrite in its place, from the order to the edit: denoised before one's eyes, reviewed, made. One at a time. */
import * as vscode from "vscode";
import { Live, spanOf } from "../denoising/live";
import { Painter } from "../denoising/paint";
import type { Change } from "../denoising/span";
import type { Server } from "../server/server";
import { alike, carriedAll, type Hunk } from "./hunks";
import { Lenses } from "./lenses";
import { carryOut, takeNow, type Order } from "./order";
import { Review } from "./review";
import { Copies, Stage } from "./stage";

const TOUCHED = "the text was changed where it was being rewritten, so the rewrite was ended";

export class Inline implements vscode.Disposable {
  readonly #painter = new Painter();
  readonly #lenses = new Lenses(() => this.#review);
  readonly #copies = new Copies();
  #stage: Stage | undefined;
  #review: Review | undefined;
  #order: Order | undefined;
  #live: Live | undefined;
  #running: vscode.CancellationTokenSource | undefined;

  constructor(private readonly server: Server) {}

  /** Have an order carried out and its result reviewed; whatever was shown before ends. */
  async show(order: Order): Promise<void> {
    this.cancel();
    this.#leave();
    const ends = { lost: () => this.#end(), touched: () => this.#end(TOUCHED) };
    const stage = await Stage.open(this.#copies, order.document, ends);
    this.#stage?.dispose(); // another was asked for meanwhile
    this.#stage = stage;
    await this.#run(order, stage, []);
  }

  /** End what is being denoised. */
  cancel(): void {
    this.#running?.cancel();
  }

  /** End what is being denoised with what is there of it, which is reviewed like any rewrite. */
  async take(): Promise<void> {
    const { client } = this.server;
    if (client && this.#running && this.#stage) {
      await takeNow(client, this.#stage.document);
    }
  }

  /** Draw what was not accepted anew. */
  async reroll(): Promise<void> {
    const review = this.#review;
    if (review && this.#order && this.#stage) {
      const { range: _, ...order } = this.#order;
      const { scope, accepted: kept, hunks } = review;
      await this.#run({ ...order, seed: order.seed + 1, kept, ...(scope && { range: scope }) }, this.#stage, hunks);
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
    this.#leave();
    this.#copies.dispose();
    this.#lenses.dispose();
    this.#painter.dispose();
  }

  async #run(order: Order, stage: Stage, before: readonly Hunk[]): Promise<void> {
    const client = await this.server.running();
    if (this.#stage !== stage) {
      return; // left, or another was asked for meanwhile
    }
    if (client === undefined) {
      this.#leave();
      tell("the server does not run");
      return;
    }
    this.cancel();
    const running = new vscode.CancellationTokenSource();
    const { shown: document } = stage;
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
      const edits = await carryOut(client, order, running.token, this.server.onDenoise, (frame) => live.show(stage.framed(frame)));
      const cancelled = running.token.isCancellationRequested;
      live.dispose();
      if (edits === undefined && changes.length === 0) {
        select();
      }
      if (this.#running === running && this.#stage === stage) {
        this.#answered(stage, carriedAll(before, changes) ?? [], live.asked, cancelled ? undefined : edits);
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
    stage: Stage,
    before: readonly Hunk[],
    scope: vscode.Range | undefined,
    edits: readonly vscode.TextEdit[] | undefined,
  ): void {
    const open = (edit: vscode.TextEdit): Hunk => ({
      ...spanOf(stage.shown, edit.range),
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
      this.#open(stage.shown, hunks, scope);
    } else {
      this.#leave();
    }
  }

  #open(document: vscode.TextDocument, hunks: readonly Hunk[], scope: vscode.Range | undefined): void {
    this.#review = new Review(this.#painter, document, hunks, scope, {
      moved: () => this.#end(TOUCHED),
      news: () => this.#lenses.refresh(),
    });
    this.#review.reveal();
    this.#lenses.refresh();
    setContext("remask.reviewing", true);
  }

  /** End whatever there is, and say why. */
  #end(why?: string): void {
    this.cancel();
    this.#leave();
    if (why) {
      tell(why);
    }
  }

  /** End the review, and leave the stage. */
  #leave(): void {
    this.#close();
    this.#stage?.dispose();
    this.#stage = undefined;
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
    const document = this.#stage?.document;
    review?.decide(state, index);
    this.#lenses.refresh();
    if (review?.decided && document) {
      const { accepted } = review;
      this.#leave();
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
