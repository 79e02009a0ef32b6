"""What an exception becomes on the wire: a JSON-RPC error with a message for the user."""

from __future__ import annotations

import logging

from cattrs import transform_error
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcRequestCancelled,
)

from lsp_server.core.errors import BadInput, Cancelled, RemaskError, Superseded

_log = logging.getLogger(__name__)

REQUEST_FAILED = -32803
"""LSP's RequestFailed: well-formed, understood, not to be had; editors show its message."""


def rpc_error(error: BaseException) -> JsonRpcException:
    """The JSON-RPC error for an exception of a handler; one that is a bug is logged with its traceback."""
    match error:
        case JsonRpcException():
            return error
        case BadInput():
            return JsonRpcInvalidParams(str(error))
        case Superseded() | Cancelled():
            return JsonRpcRequestCancelled(str(error))
        case RemaskError():
            return request_failed(str(error))
        case _:
            _log.error("a request failed unexpectedly", exc_info=error)
            return JsonRpcInternalError(f"Remask failed ({type(error).__name__}); its log file says more")


def request_failed(message: str) -> JsonRpcException:
    """The error for work that was understood but came to nothing."""
    return JsonRpcException(message, code=REQUEST_FAILED)


def invalid_params(error: BaseException) -> JsonRpcInvalidParams:
    """The error for params that do not fit the specification: where they do not, never what they hold."""
    return JsonRpcInvalidParams("; ".join(transform_error(error, path="params")))
