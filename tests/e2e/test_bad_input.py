"""Texts, places and params that no server likes: each is answered, and the session goes on unharmed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as t

from tests.e2e.editing import insert, usable
from tests.lsp.conftest import Editor, Raw, Standin, Start

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

FAR = 2**31 - 1
LONG = "1 + " * 480_000
SEEN = 100
"""Characters on each side of the cursor that are compared with what the model is shown."""


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True)
class Case:
    """A document with a cursor between two texts. The client may say another place and mean this one."""

    left: str
    right: str = ""
    said: tuple[int, int] | None = None
    language: str = "python"

    @property
    def place(self) -> tuple[int, int]:
        """The cursor as the protocol counts."""
        lines = re.split(r"\r\n|\r|\n", self.left)
        return len(lines) - 1, units(lines[-1])

    def rule(self, typed: str, fill: str) -> dict[str, str]:
        """Answer with `fill` if the model is shown this document with `typed` at the cursor."""
        before = (self.left + typed).replace("\r\n", "\n")[-SEEN:] if typed else ""
        return {"before": before, "after": self.right.replace("\r\n", "\n")[:SEEN], "fill": fill}


CASES = {
    "empty": Case(""),
    "past the end": Case("x = 1\ny = ", said=(9, 9)),
    "past the line": Case("x = ", "\nz = 3\n", said=(0, 99)),
    "farthest": Case("x = 1\ny = ", said=(FAR, FAR)),
    "CRLF": Case("x = 1\r\ny = ", "\r\nz = 3\r\n"),
    "between CR and LF": Case("x = 1\r\ny = ", "\r\nz = 3\r\n", said=(1, 5)),
    "CR": Case("x = 1\ry = ", "\rz = 3\r"),
    "tabs": Case("if x:\n\tif y:\n\t\tz = ", "\n\t\tw = 1\n"),
    "BOM": Case("\ufeffx = "),
    "emoji and combining characters": Case(
        "s = '\U0001f600e\u0301\U0001f469\u200d\U0001f4bb' + ", "\nt = '\U0001f600e\u0301'\n"
    ),
    "an emoji right of the cursor": Case("s = ", " + '\U0001f600'\n"),
    "inside an emoji": Case("'\U0001f600' ", "\U0001f600\n", said=(0, 6)),
    "before a combining character": Case("s = e", "\u0301\n", language="plaintext"),
    "separators that end no line": Case("a = '\u2028\x0b\x85'\nx = "),
    "the end of one line of 1.9 MB": Case(f"x = {LONG}"),
    "inside one line of 3.8 MB": Case(f"x = {LONG}", f" + {LONG}1\n"),
    "the end of 50,000 lines": Case("x = 1\n" * 50_000 + "y = "),
    "inside 50,000 lines": Case("x = 1\r\n" * 25_000 + "y = ", "\r\n" + "x = 1\r\n" * 25_000),
    "control characters": Case("\x01\x02\x7f = ", language="plaintext"),
    "unknown language": Case("hello = ", "\n", language="no-such-language"),
    "no language": Case("hello = ", "\n", language=""),
}


async def test_any_text_is_filled_and_goes_on_as_the_client_has_it(editor: Editor, standin: Standin) -> None:
    """The answer stands at the cursor; a change at the same place leaves the text the client has."""
    editor.open("x = \n")
    await editor.engine_ready()
    for name, case in CASES.items():
        uri = editor.open(case.left + case.right, f"file:///project/{name}", case.language)
        standin.answers(case.rule("", "7"), {"fill": "lost"})
        said = case.said or case.place
        answer = await editor.completion(uri, *said)
        assert answer, (name, editor.statuses[-1])
        (item,) = answer.items
        at = t.Position(*case.place)
        assert (name, item.insert_text, item.range) == (name, "7", t.Range(at, at))
        insert(editor, uri, said, "9")
        standin.answers(case.rule("9", "8"), {"fill": "lost"})
        line, character = case.place
        assert (name, await editor.texts(uri, line, character + 1)) == (name, ["8"])
        editor.close(uri)
    await usable(editor, standin)


@pytest.mark.parametrize(
    "text",
    ["x = " + "1 + " * 1_250_000, "\x89PNG\0\x01\0 = ", "x = \ud800\n"],
    ids=["one-line-of-5-mb", "binary", "half-a-surrogate-pair"],
)
async def test_what_is_no_code_is_silent_until_it_is(editor: Editor, standin: Standin, text: str) -> None:
    """Null with the reason in the status, asked by hand too; the same document is filled later."""
    standin.answers({"fill": "7"})
    editor.open("x = \n", uri="file:///project/other.py")
    await editor.engine_ready()
    uri = editor.open(text)
    assert await editor.completion(uri, 0, 4) is None
    assert (editor.statuses[-1].kind, editor.statuses[-1].silence) == ("Inactive", "unsupported-text")
    insert(editor, uri, (0, 4), "1 + ")
    assert await editor.completion(uri, 0, 8) is None
    editor.change(uri, t.TextDocumentContentChangeWholeDocument("y = \n"))
    assert await editor.texts(uri, 0, 4) == ["7"]
    await usable(editor, standin)


async def test_lines_of_a_fill_end_as_the_document_s(editor: Editor, standin: Standin) -> None:
    """The model writes line feeds; a CRLF document gets CRLF."""
    standin.answers({"fill": "x = 1\n    return x"})
    uri = editor.open("def f():\r\n    \r\n\r\nprint(f())\r\n")
    await editor.engine_ready()
    assert await editor.texts(uri, 1, 4) == ["x = 1\r\n    return x"]


async def test_any_workspace_can_be_opened(start: Start, standin: Standin, tmp_path: Path) -> None:
    """Files that are binary, broken, endless or not there at all, and folders that are none."""
    (tmp_path / "binary.py").write_bytes(bytes(range(256)) * 100)
    (tmp_path / "latin.py").write_bytes(b"caf\xe9 = 1\n")
    (tmp_path / "long.py").write_text("x = " + "1 + " * 1_250_000, encoding="utf-8")
    (tmp_path / "many.py").write_text("def f(): ...\r\n" * 50_000, encoding="utf-8")
    (tmp_path / "empty.py").touch()
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe[\n!\n\\\n")
    (tmp_path / "e\u0301\U0001f600.py").write_text("def smile(): ...\n", encoding="utf-8")
    uris = [tmp_path.as_uri(), (tmp_path / "empty.py").as_uri(), "file:///not/there", "untitled:x", "", "%"]
    folders = [t.WorkspaceFolder(uri=uri, name="") for uri in uris]
    async with start("vs-code", standin, workspace_folders=folders) as editor:
        standin.answers({"fill": "7"})
        uri = editor.open("from many import f\nx = \n", uri=(tmp_path / "a.py").as_uri())
        await editor.engine_ready()
        assert await editor.texts(uri, 1, 4) == ["7"]
        await usable(editor, standin)


URI = "file:///project/a.py"
NAMED = {"uri": URI}
START = {"line": 0, "character": 0}
RANGE = {"start": START, "end": {"line": 1, "character": 0}}
ITEM = {"uri": URI, "languageId": "python", "version": 1, "text": "x = \n"}
PLACE = {"textDocument": NAMED, "position": {"line": 0, "character": 4}, "context": {"triggerKind": 1}}
ACTIONS = {"textDocument": NAMED, "range": RANGE, "context": {"diagnostics": []}}
DATA = {"action": "rewrite", "uri": URI, "revision": 0, "start": 0, "end": 4}
CHANGE = {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"range": RANGE, "text": "lost"}]}
NEGATIVE, HUGE = {"line": -1, "character": 0}, {"line": 0, "character": 2**40}
BAD = (None, [], "x", 3, True, {}, [None])


def broken(params: dict[str, Any], *names: str, by: tuple[object, ...]) -> list[object]:
    """`params` once with each of these members replaced by each of these values."""
    return [{**params, name: value} for name in names for value in by]


def command(name: str, *arguments: object) -> dict[str, object]:
    return {"command": name, "arguments": list(arguments)}


BAD_RANGES: tuple[object, ...] = (
    None,
    {},
    {"start": START},
    *({"start": START, "end": end} for end in (None, NEGATIVE, HUGE)),
)
EDITS = ("remask.rewrite", "remask.fillBody", "remask.fillHoles")
BAD_REQUESTS: dict[str, list[object]] = {
    "textDocument/inlineCompletion": [
        *BAD,
        *broken(PLACE, "position", by=(*BAD, NEGATIVE, HUGE, {"line": "0", "character": 1.5})),
        *broken(PLACE, "textDocument", by=(*BAD, {"uri": None}, {"uri": 7}, {"uri": "file:///unknown.py"})),
        *broken(PLACE, "context", by=(None, [], {"triggerKind": 3}, {"triggerKind": "Invoked"})),
        {**PLACE, "context": {"triggerKind": 1, "selectedCompletionInfo": {"range": RANGE, "text": None}}},
    ],
    "textDocument/codeAction": [
        *BAD,
        *broken(ACTIONS, "range", by=BAD_RANGES),
        *broken(ACTIONS, "textDocument", by=(None, {"uri": "file:///unknown.py"})),
        *broken(ACTIONS, "context", by=(None, {"diagnostics": None})),
    ],
    "codeAction/resolve": [
        *BAD,
        {"title": "x"},
        *broken({"title": "x", "data": DATA}, "title", "data", by=(None, [])),
        *({"title": "x", "data": data} for data in broken(DATA, "action", by=(None, "no-such"))),
        *({"title": "x", "data": data} for data in broken(DATA, "uri", by=(7, "file:///unknown.py"))),
        *({"title": "x", "data": data} for data in broken(DATA, "end", by=(None, -1, 2**40, 10**9))),
    ],
    "workspace/executeCommand": [
        *BAD,
        {"command": None},
        *(command(name) for name in ("no.such", "remask.didAcceptCompletionItem", *EDITS)),
        {"command": "remask.rewrite", "arguments": "x"},
        *(command(name, *bad) for name in EDITS for bad in ([None], [1, 2], [{}], [{"uri": 7}])),
        *(command(name, {"uri": "file:///unknown.py", "range": RANGE}) for name in EDITS),
        *(command(name, {"uri": URI, "range": bad}) for name in EDITS for bad in BAD_RANGES[1:]),
        *(
            command("remask.rewrite", bad)
            for bad in broken({"uri": URI, "range": RANGE}, "strength", by=(7, "x"))
        ),
        *(command("remask.snooze", minutes) for minutes in (-1, "soon", None, 1e99)),
    ],
    "textDocument/no-such": [None, {}],
}
BAD_NOTIFICATIONS: dict[str, list[object]] = {
    "initialized": [None, 3],
    "textDocument/didOpen": [
        *BAD,
        *({"textDocument": item} for item in broken(ITEM, "uri", "text", "version", by=(None, [], {}))),
    ],
    "textDocument/didChange": [
        *BAD,
        *broken(CHANGE, "contentChanges", by=(None, {}, [None], [{"text": None}], [{"text": 3}])),
        *broken(CHANGE, "textDocument", by=(None, {"uri": "file:///unknown.py", "version": 2})),
        *({**CHANGE, "contentChanges": [{"range": bad, "text": "lost"}]} for bad in BAD_RANGES[1:]),
        {**CHANGE, "contentChanges": [{"text": "lost"}, {"text": None}]},
    ],
    "textDocument/didClose": [*BAD, {"textDocument": {"uri": "file:///unknown.py"}}],
    "textDocument/didSave": list(BAD),
    "workspace/didChangeConfiguration": [*BAD, *broken({}, "settings", by=BAD)],
    "workspace/didChangeWorkspaceFolders": [*BAD, {"event": None}, {"event": {"added": [3], "removed": []}}],
    "$/cancelRequest": [*BAD, *broken({}, "id", by=(None, [], 1.5, True, "unknown", 99))],
    "window/workDoneProgress/cancel": [*BAD, {"token": None}, {"token": "unknown"}],
    "$/setTrace": [{"value": 3}],
    "textDocument/no-such": [None, 3],
}


async def filled(raw: Raw) -> list[str]:
    """What is offered in the open document, once there is an engine."""
    for number in range(10**9):
        answer = await raw.request("textDocument/inlineCompletion", PLACE, f"filled-{number}")
        assert answer["id"] == f"filled-{number}"
        if answer["result"]:
            return [item["insertText"] for item in answer["result"]["items"]]
    return []


async def test_params_that_do_not_fit_are_answered(raw: Raw, standin: Standin) -> None:
    """Every such request gets an error that says why, under its own id; the document stays as it was."""
    standin.answers({"before": "x =", "after": "\n", "fill": "7"}, {"fill": "lost"})
    await raw.initialize()
    await raw.notify("textDocument/didOpen", {"textDocument": ITEM})
    for method, cases in BAD_REQUESTS.items():
        code = -32601 if method.endswith("no-such") else -32602
        for number, params in enumerate(cases):
            answer = await raw.request(method, params, f"{method}-{number}")
            assert answer["id"] == f"{method}-{number}"
            assert answer.get("error", {}).get("code") == code, (method, params, answer)
            assert answer["error"]["message"]
    assert await filled(raw) == ["7"]


async def test_notifications_that_do_not_fit_are_dropped(raw: Raw, standin: Standin) -> None:
    """Nothing is answered, nothing of them takes effect, and the document stays as it was."""
    standin.answers({"before": "x =", "after": "\n", "fill": "7"}, {"fill": "lost"})
    await raw.initialize()
    await raw.notify("textDocument/didOpen", {"textDocument": ITEM})
    for method, cases in BAD_NOTIFICATIONS.items():
        for params in cases:
            await raw.notify(method, params)
        answer = await raw.request("workspace/executeCommand", command("remask.status"), method)
        assert (answer["id"], "error" in answer) == (method, False)
    assert await filled(raw) == ["7"]


async def test_a_client_that_cannot_introduce_itself(raw: Raw, standin: Standin) -> None:
    """A bad `initialize` is answered and may be tried again; before a good one nothing else is done."""
    standin.answers({"fill": "7"})
    good = {"processId": None, "rootUri": None, "capabilities": {}}
    bad = [
        *BAD,
        *broken(good, "capabilities", by=(None, 3)),
        *broken(good, "processId", "rootUri", by=([], {})),
    ]
    bad += broken(good, "workspaceFolders", by=(3, [None], [{"uri": 3}]))
    for number, params in enumerate(bad):
        answer = await raw.request("initialize", params, number)
        assert (answer["id"], answer.get("error", {}).get("code")) == (number, -32602), params
    await raw.notify("textDocument/didOpen", {"textDocument": ITEM})
    assert (await raw.request("textDocument/inlineCompletion", PLACE))["error"]["code"] == -32002
    await raw.initialize()
    assert (await raw.request("textDocument/inlineCompletion", PLACE))["error"]["code"] == -32602
    await raw.notify("textDocument/didOpen", {"textDocument": ITEM})
    assert await filled(raw) == ["7"]
