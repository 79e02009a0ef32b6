/** The status bar item: what the server said last, calmly. */
import * as vscode from "vscode";
import { words, type Status } from "../wire";
import { unreached } from "./reach";

const PATIENCE_MS = 400; // most suggestions are quicker, and a spinner for each would flicker as one types
const ICONS = { Normal: "sparkle", Warning: "warning", Error: "error", Inactive: "circle-slash" };

export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("remask.status", vscode.StatusBarAlignment.Right, 100);
  #latest: Status = { busy: false, kind: "Normal" };
  #spinning: NodeJS.Timeout | undefined;
  readonly #moved: vscode.Disposable;

  constructor(command: string) {
    this.#item.name = "Remask";
    this.#item.command = command;
    this.#item.show();
    this.#moved = vscode.window.onDidChangeActiveTextEditor(() => this.#draw(this.#item.text.includes("~spin")));
    this.#draw(false);
  }

  /** The status shown. */
  get latest(): Status {
    return this.#latest;
  }

  show(status: Status): void {
    this.#latest = status;
    if (!status.busy) {
      clearTimeout(this.#spinning);
      this.#spinning = undefined;
      this.#draw(false);
    } else if (this.#spinning === undefined) {
      this.#spinning = setTimeout(() => this.#draw(true), PATIENCE_MS);
    } else {
      this.#draw(this.#item.text.includes("~spin"));
    }
  }

  dispose(): void {
    clearTimeout(this.#spinning);
    this.#moved.dispose();
    this.#item.dispose();
  }

  #draw(spinning: boolean): void {
    const { kind, silence, remote } = this.#latest;
    const elsewhere = kind === "Normal" ? unreached() : undefined;
    const still = silence === "snoozed" ? "bell-slash" : ICONS[elsewhere === undefined ? kind : "Inactive"];
    const ready = remote === undefined ? still : "cloud";
    const icon = spinning ? "loading~spin" : ready;
    const said = elsewhere ?? (words(this.#latest) || (spinning ? "working" : "ready"));
    this.#item.text = `$(${icon}) Remask`;
    this.#item.tooltip = `Remask: ${said}`;
    this.#item.accessibilityInformation = { label: `Remask, ${said}` };
    this.#item.backgroundColor =
      kind === "Error" || kind === "Warning"
        ? new vscode.ThemeColor(`statusBarItem.${kind.toLowerCase()}Background`)
        : undefined;
  }
}
