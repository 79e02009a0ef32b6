/** What is asked before a rewrite. */
import * as vscode from "vscode";

const STRENGTHS: readonly (readonly [number, string])[] = [
  [1.0, "write everything anew"],
  [0.7, "keep about a third"],
  [0.5, "keep half"],
  [0.3, "keep most"],
  [0.1, "polish"],
];

/** What is to be done; empty if that is not said in words, undefined if nothing is to be done. */
export async function askWords(): Promise<string | undefined> {
  const said = await vscode.window.showInputBox({
    title: "Rewrite Selection",
    placeHolder: "add type hints",
    prompt: "What is to be done? Leave it empty to say instead how much is written anew.",
  });
  return said?.trim();
}

/** The share that is written anew; the server takes it into account where there are no words. */
export async function askStrength(document: vscode.TextDocument): Promise<number | undefined> {
  const usual = vscode.workspace.getConfiguration("remask", document).get<number>("rewrite.strength", 1);
  const first = STRENGTHS.filter(([share]) => share === usual);
  const choices = [...first, ...STRENGTHS.filter(([share]) => share !== usual)];
  const picked = await vscode.window.showQuickPick(
    choices.map(([share, description]) => ({ label: share.toFixed(1), description, share })),
    { title: "How much is written anew?" },
  );
  return picked?.share;
}

/** Kinds of what must stay, none at first; undefined if nothing is to be done. */
export async function askLock(): Promise<readonly string[] | undefined> {
  return await vscode.window.showQuickPick(["names", "literals", "signatures", "comments"], {
    title: "What must stay?",
    placeHolder: "Enter without a choice lets everything change",
    canPickMany: true,
  });
}
