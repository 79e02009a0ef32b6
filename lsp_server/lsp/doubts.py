"""`remask/doubts`: the doubtful tokens of what was accepted, for clients that underline them.

    {uri, version, doubts: [{id, range, probability, alternatives: [{text, probability}]}]}

All of a document's, after each of its changes while it has some. A client has to ignore one for
another version than it has: the next is under way; but not an empty one, which comes once. It is
sent to clients with the capability `experimental.remaskDoubts`. Others see hints, if the setting
`completion.showDoubts` asks for that.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from lsprotocol import types as t

from lsp_server.core.types import Alternative, Document
from lsp_server.lsp.commands import TAKE
from lsp_server.lsp.convert import from_span
from lsp_server.lsp.diagnostics import publish
from lsp_server.lsp.server import RemaskServer
from lsp_server.service.doubt.standing import Standing

METHOD = "remask/doubts"
UNDEFINED = "Nothing defines this name"
_VISIBLE = str.maketrans({"\n": "↵", "\r": "", "\t": "⇥"})


class DoubtTeller:
    """Tells the client of each document's doubts in the way it wants to hear."""

    def __init__(self, server: RemaskServer) -> None:
        self._server = server
        self._hinted: set[str] = set()

    def tell(self, document: Document) -> None:
        """The document's doubts are these now (a `Doubts` listener)."""
        settings = self._server.services.configuration.settings_for(document)
        standing = self._server.services.doubts.of(document.key)
        hints = settings.completion.show_doubts == "diagnostics"
        if hints or document.key in self._hinted:
            self._hint(document, standing if hints else ())
        if self._server.client.doubts:
            self._notify(document, () if hints else standing)

    def tell_all(self) -> None:
        """Tell anew, as after a change of settings."""
        services = self._server.services
        services.doubts.forget(services.documents.all())
        for document in services.documents.all():
            if services.doubts.of(document.key):
                self.tell(document)

    def _notify(self, document: Document, standing: tuple[Standing, ...]) -> None:
        lines = self._server.texts.lines(document)
        doubts = [
            {
                "id": each.id,
                "range": from_span(lines, each.doubt.span, self._server.encoding),
                "probability": each.doubt.probability,
                "alternatives": [
                    {"text": other.text, "probability": other.probability}
                    for other in each.doubt.alternatives
                ],
            }
            for each in standing
        ]
        params = {"uri": document.key, "version": document.version, "doubts": doubts}
        self._server.protocol.notify(METHOD, params)

    def _hint(self, document: Document, standing: tuple[Standing, ...]) -> None:
        lines = self._server.texts.lines(document)
        diagnostics = [
            t.Diagnostic(
                range=from_span(lines, each.doubt.span, self._server.encoding),
                message=in_words(document, each),
                severity=t.DiagnosticSeverity.Hint,
                source="remask",
                code="doubtful",
            )
            for each in standing
        ]
        self._hinted.add(document.key) if standing else self._hinted.discard(document.key)
        publish(self._server, document, "doubts", diagnostics)


def follow_doubts(server: RemaskServer) -> None:
    """Tell the server's client of doubts from now on, as far as its settings want them."""
    services, teller = server.services, DoubtTeller(server)
    services.doubts.wanted = lambda document: (
        services.configuration.settings_for(document).completion.show_doubts != "off"
    )
    services.doubts.subscribe(teller.tell)
    services.configuration.subscribe(lambda _: teller.tell_all())


def in_words(document: Document, standing: Standing) -> str:
    """A doubt as one line."""
    doubt = standing.doubt
    others = [f"{visible(document, standing, each)} {percent(each)}" for each in doubt.alternatives]
    sure = UNDEFINED if doubt.undefined else f"The model was {round(100 * doubt.probability)}% sure"
    return f"{sure}; else: {', '.join(others)}" if others else sure


def table(document: Document, standing: Standing, *, links: bool) -> str:
    """A doubt as a table in Markdown; with `links`, a click on an alternative takes it."""
    doubt = standing.doubt
    present = _code(document.text[doubt.span.start : doubt.span.end])
    if doubt.undefined and not doubt.alternatives:
        return f"{UNDEFINED}: {present}"
    rows = ["| alternative | probability |", "| --- | ---: |"]
    rows.append(f"| {present} *(as it is)* | {round(100 * doubt.probability)}% |")
    for each in doubt.alternatives:
        shown = _code(visible(document, standing, each))
        if links:
            shown = f'[{shown}]({_link(document, standing, each)} "Use it and rewrite what depends on it")'
        rows.append(f"| {shown} | {percent(each)} |")
    return "\n".join([*([UNDEFINED, ""] if doubt.undefined else []), *rows])


def title(document: Document, standing: Standing, alternative: Alternative) -> str:
    """What taking an alternative is called."""
    return f"Use `{visible(document, standing, alternative)}` ({percent(alternative)})"


def arguments(document: Document, standing: Standing, alternative: Alternative) -> dict[str, str]:
    """The argument of the command that takes an alternative."""
    return {"uri": document.key, "id": standing.id, "alternative": alternative.text}


def visible(document: Document, standing: Standing, alternative: Alternative) -> str:
    """An alternative without the white space that stands there anyway, other white space made visible."""
    doubt = standing.doubt
    stands = document.text[doubt.whole.start : doubt.span.start]
    text = alternative.text.removeprefix(stands) or alternative.text
    solid = text.strip(" ")
    if not solid:
        return "␣" * len(text)
    return text.replace(solid, "\0").replace(" ", "␣").replace("\0", solid).translate(_VISIBLE)


def percent(alternative: Alternative) -> str:
    """Its probability."""
    return f"{round(100 * alternative.probability)}%"


def _code(text: str) -> str:
    """Text as code in a cell of a table; its line breaks are visible already, or are shown so."""
    shown = text.translate(_VISIBLE).replace("|", "\\|")
    fence = "``" if "`" in shown else "`"
    space = " " if "`" in shown else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _link(document: Document, standing: Standing, alternative: Alternative) -> str:
    given = json.dumps([arguments(document, standing, alternative)])
    return f"command:{TAKE}?{quote(given, safe='')}"
