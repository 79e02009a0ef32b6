/** What the walkthrough lets people try, in new files that nobody has to save. */
import * as vscode from "vscode";

interface Example {
  /** `|` is the cursor; two of them, what is selected. */
  readonly text: string;
  /** Run once it is open. */
  readonly command: string;
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  suggestion: {
    text: 'def is_even(number):\n    """Whether a number is even."""\n    return |',
    command: "editor.action.inlineSuggest.trigger",
  },
  rewrite: {
    text: "|def total(numbers):\n    result = 0\n    for number in numbers:\n        result = result + number\n    return result\n|",
    command: "remask.rewriteSelection",
  },
  holes: {
    text: "def area(width, height):\n    return ___\n\n\ndef perimeter(width, height):\n    return ___\n|",
    command: "remask.fillAllHoles",
  },
};

/** Open an example and do with it what it is about. */
export async function tryExample(name: unknown): Promise<void> {
  const { text, command } = EXAMPLES[String(name)] ?? EXAMPLES["suggestion"]!;
  const [before = "", selected, rest] = text.split("|");
  const content = before + (selected ?? "") + (rest ?? "");
  const document = await vscode.workspace.openTextDocument({ language: "python", content });
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const start = document.positionAt(before.length);
  const end = rest === undefined ? start : document.positionAt(before.length + (selected ?? "").length);
  editor.selection = new vscode.Selection(start, end);
  await vscode.commands.executeCommand(command);
}
