"""JSON-RPC as pygls has it, except where it leaves a client without an answer or lets work run on.

- A request whose params do not fit is answered with InvalidParams; pygls drops it.
- Before `initialize` and after `shutdown` requests are refused as the protocol says.
- Commands are tasks of their own request, so that `$/cancelRequest` ends them.
- A client's answer to a request nobody waits for any more is dropped; in pygls it
  raises (openlawlibrary/pygls issue 621).
- Text synchronisation is ours (`sync.py`), not that of pygls' workspace.
- Errors say what a person can do, and no params reach a log.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeGuard

from cattrs import Converter
from lsprotocol import types as t
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    LanguageServerProtocol,
    lsp_method,
)
from pygls.protocol.json_rpc import RPCMessage

from lsp_server.core.errors import RemaskError
from lsp_server.lsp.errors import invalid_params, rpc_error

if TYPE_CHECKING:
    from lsp_server.lsp.server import RemaskServer

_log = logging.getLogger(__name__)

_HANDLED_HERE = (
    t.TEXT_DOCUMENT_DID_OPEN,
    t.TEXT_DOCUMENT_DID_CHANGE,
    t.TEXT_DOCUMENT_DID_CLOSE,
    t.NOTEBOOK_DOCUMENT_DID_OPEN,
    t.NOTEBOOK_DOCUMENT_DID_CHANGE,
    t.NOTEBOOK_DOCUMENT_DID_CLOSE,
    t.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
    t.WINDOW_WORK_DONE_PROGRESS_CANCEL,
)
"""What pygls has handlers of its own for, which would run before ours."""

_MEMBERS = ("jsonrpc", "id", "method", "params", "result", "error")


class RemaskProtocol(LanguageServerProtocol):
    """One client's connection."""

    _server: RemaskServer

    def __init__(self, server: RemaskServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self._initialize_seen = False
        for method in _HANDLED_HERE:
            self.fm.builtin_features.pop(method, None)

    @property
    def exit_code(self) -> int:
        """0 once `shutdown` was asked for, 1 before, as the protocol says."""
        return 0 if self._shutdown else 1

    def structure_message(self, data: dict[str, Any]) -> dict[str, Any]:
        """Leave JSON as it is: pygls calls this for every nested object, before it is known whose it is."""
        return data

    def handle_message(self, message: object) -> None:
        """Take one parsed message; every request among them gets an answer."""
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            self.refuse(None, JsonRpcInvalidRequest("not a JSON-RPC 2.0 message"))
            return
        message = {name: message[name] for name in _MEMBERS if name in message}
        if "method" not in message:
            self._take_response(message)
        elif "id" in message and not _is_id(message["id"]):
            self.refuse(None, JsonRpcInvalidRequest("an id is a string or an integer"))
        elif "id" in message:
            self._take_request(message)
        else:
            self._take_notification(message)

    def refuse(self, msg_id: str | int | None, error: JsonRpcException) -> None:
        """Answer with an error; `msg_id` is None where the client's id could not be read."""
        _log.warning("refused message %r: %s", msg_id, error.message)
        # lsprotocol leaves out an id of null, which JSON-RPC asks for.
        problem = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "error": problem})

    def _take_request(self, message: dict[str, Any]) -> None:
        method = message["method"]
        try:
            if error := self._out_of_place(method):
                raise error
            if not isinstance(method, str) or not self._knows(method):
                raise JsonRpcMethodNotFound.of(str(method))
            structured = self._structure(message)
        except JsonRpcException as error:
            self.refuse(message["id"], error)
            return
        self._initialize_seen = True
        super().handle_message(structured)

    def _take_notification(self, message: dict[str, Any]) -> None:
        method = message["method"]
        known = method == t.CANCEL_REQUEST or (isinstance(method, str) and self._knows(method))
        if not known or (method != t.EXIT and self._out_of_place(method)):
            _log.debug("ignored notification %r", method)
            return
        try:
            structured = self._structure(message)
        except JsonRpcException as error:
            _log.warning("ignored notification %s: %s", method, error.message)
            return
        super().handle_message(structured)

    def _take_response(self, message: dict[str, Any]) -> None:
        msg_id = message.get("id")
        if not _is_id(msg_id) or msg_id not in self._request_futures:
            return
        result_type = self._result_types.pop(msg_id, None) or JsonRPCResponseMessage
        kind = t.ResponseErrorMessage if "error" in message else result_type
        try:
            structured = self._converter.structure(message, kind)
        except Exception as error:  # noqa: BLE001 -- whatever does not fit: the waiting task must learn of it
            self._handle_response(msg_id, error=invalid_params(error).to_response_error())
            return
        super().handle_message(structured)

    def _out_of_place(self, method: object) -> JsonRpcException | None:
        if self._shutdown:
            return JsonRpcInvalidRequest("the server is shutting down")
        if method == t.INITIALIZE:
            return JsonRpcInvalidRequest("already initialized") if self._initialize_seen else None
        return None if self._initialize_seen else JsonRpcServerNotInitialized("initialize comes first")

    def _knows(self, method: str) -> bool:
        return method in self.fm.builtin_features or method in self.fm.features

    def _structure(self, message: dict[str, Any]) -> RPCMessage:
        kind = self.get_message_type(message["method"])
        if kind is None:
            message.setdefault("params", None)
            kind = JsonRPCRequestMessage if "id" in message else JsonRPCNotification
        try:
            structured: RPCMessage = self._converter.structure(message, kind)
        except Exception as error:
            raise invalid_params(error) from error
        return structured

    def _handle_response(
        self, msg_id: str | int, result: object = None, error: t.ResponseError | None = None
    ) -> None:
        future = self._request_futures.get(msg_id)
        if future is not None and future.done():
            del self._request_futures[msg_id]
            return
        super()._handle_response(msg_id, result, error)

    def _handle_cancel_notification(self, msg_id: str | int) -> None:
        if _is_id(msg_id) and (future := self._request_futures.pop(msg_id, None)):
            future.cancel()

    def _send_handler_result(self, future: Future[Any], *, msg_id: str | int) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            error: JsonRpcException = JsonRpcRequestCancelled("the request was withdrawn")
        elif problem := future.exception():
            error = rpc_error(problem)
        else:
            self._send_response(msg_id, result=future.result())
            return
        self._send_response(msg_id, error=error.to_response_error())

    def _check_handler_result(self, future: Future[Any]) -> None:
        problem = None if future.cancelled() else future.exception()
        if isinstance(problem, RemaskError):
            _log.warning("ignored a notification: %s", problem)
        elif problem is not None:
            _log.error("a notification failed", exc_info=problem)

    @lsp_method(t.INITIALIZE)
    def lsp_initialize(self, params: t.InitializeParams) -> Generator[Any, Any, t.InitializeResult]:
        """Answer `initialize`, with the position encoding that the server chose."""
        result = yield from super().lsp_initialize(params)
        # Options that say nothing are written {}, which is false in some clients' languages.
        result.capabilities.inline_completion_provider = True
        result.capabilities.position_encoding = t.PositionEncodingKind(self._server.encoding)
        if result.capabilities.execute_command_provider:
            result.capabilities.execute_command_provider.work_done_progress = True
        return result

    @lsp_method(t.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(self, params: t.ExecuteCommandParams) -> object:  # type: ignore[override]
        """Run a command with its raw arguments, as a task that a cancellation ends."""
        command = self.fm.commands.get(params.command)
        if command is None:
            raise JsonRpcInvalidParams(f"there is no command {params.command!r}")
        return await command(params)

    @lsp_method(t.EXIT)
    def lsp_exit(self, *_: object) -> None:  # type: ignore[override]
        """End the process."""
        self._server.leave(self.exit_code)


def _is_id(value: object) -> TypeGuard[str | int]:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
