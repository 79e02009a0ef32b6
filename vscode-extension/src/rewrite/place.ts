/** Where a rewrite takes place. */
import * as vscode from "vscode";
import { lastLine } from "./extent";

/** What is selected, or the line of the cursor, which the server takes for the statement that begins there. */
export function chosen(editor: vscode.TextEditor): vscode.Range | undefined {
  const { document, selection } = editor;
  const range = selection.isEmpty ? document.lineAt(selection.active.line).range : new vscode.Range(selection.start, selection.end);
  return document.getText(range).trim() === "" ? undefined : range;
}

/** The same for what is copied elsewhere, where nobody sees how far the statement goes: as far as its indentation says. */
export function chosenWhole(editor: vscode.TextEditor): vscode.Range | undefined {
  const { document, selection } = editor;
  const range = chosen(editor);
  return range && selection.isEmpty ? new vscode.Range(range.start, document.lineAt(lastLine(document, range.start.line)).range.end) : range;
}

/** A new document of a language with what is selected in it, beside the editor. */
export async function aside(editor: vscode.TextEditor, range: vscode.Range, language: string): Promise<vscode.TextDocument> {
  const lines = editor.document.getText(new vscode.Range(range.start.line, 0, range.end.line, range.end.character));
  const content = dedented(lines);
  const document = await vscode.workspace.openTextDocument({ language, content: `${content}\n` });
  await vscode.window.showTextDocument(document);
  return document;
}

function dedented(text: string): string {
  const [indent = ""] = /^[ \t]*/.exec(text) ?? [];
  return text
    .split("\n")
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join("\n");
}
