/** Files that lie on no disk: `memory:/` has one Python file, which can be read and written. */
const vscode = require("vscode");

const files = new Map([["/virtual.py", new TextEncoder().encode("# nowhere\n")]]);
const events = new vscode.EventEmitter();

const provider = {
  onDidChangeFile: events.event,
  watch: () => new vscode.Disposable(() => undefined),
  stat: ({ path }) => {
    const file = files.get(path);
    if (path === "/") {
      return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    }
    if (file === undefined) {
      throw vscode.FileSystemError.FileNotFound(path);
    }
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: file.length };
  },
  readDirectory: () => [...files.keys()].map((path) => [path.slice(1), vscode.FileType.File]),
  readFile: (uri) => {
    provider.stat(uri);
    return files.get(uri.path);
  },
  writeFile: ({ path }, content) => void files.set(path, content),
  createDirectory: () => undefined,
  delete: ({ path }) => void files.delete(path),
  rename: () => undefined,
};

exports.activate = (context) => {
  context.subscriptions.push(vscode.workspace.registerFileSystemProvider("memory", provider));
};
