"""Settings: asked for where the client answers, taken where it tells."""

from __future__ import annotations

import logging

from lsprotocol import types as t

from lsp_server.lsp.convert import to_path
from lsp_server.lsp.options import SECTION, section_of
from lsp_server.lsp.server import RemaskServer

_log = logging.getLogger(__name__)


def register(server: RemaskServer) -> None:
    """Register the notification."""
    server.feature(t.WORKSPACE_DID_CHANGE_CONFIGURATION)(did_change_configuration)


def did_change_configuration(ls: RemaskServer, params: t.DidChangeConfigurationParams) -> None:
    """Take what came with the notification, and ask again if the client answers questions."""
    if options := section_of(params.settings):
        ls.services.configuration.push(options)
        tell_warnings(ls)
    if ls.client.pulls_configuration:
        ls.spawn(pull(ls))


async def introduce(server: RemaskServer) -> None:
    """Ask to be told about changes, where that has to be asked for, and for the settings in force."""
    if server.client.registers_configuration:
        registration = t.Registration(
            id="remask-configuration",
            method=t.WORKSPACE_DID_CHANGE_CONFIGURATION,
            register_options=t.DidChangeConfigurationRegistrationOptions(section=SECTION),
        )
        try:
            await server.client_register_capability_async(t.RegistrationParams([registration]))
        except Exception as error:  # noqa: BLE001 -- a client that changes its mind still has its settings
            _log.info("the client tells nothing about changed settings: %s", error)
    await pull(server)


async def pull(server: RemaskServer) -> None:
    """Ask for the settings outside folders and for each folder."""
    if not server.client.pulls_configuration:
        return
    folders = [uri for uri in server.folders if to_path(uri)]
    items = [t.ConfigurationItem(section=SECTION)]
    items += [t.ConfigurationItem(scope_uri=uri, section=SECTION) for uri in folders]
    try:
        answers = await server.workspace_configuration_async(t.ConfigurationParams(items=items))
    except Exception as error:  # noqa: BLE001 -- without an answer the settings stay as they are
        server.warn(f"the client did not answer workspace/configuration: {error}")
        return
    layers = [section_of(answer) for answer in answers or ()]
    layers += [{}] * (len(items) - len(layers))
    paths = [to_path(uri) for uri in folders]
    for_folders = {path: layer for path, layer in zip(paths, layers[1:], strict=False) if path}
    server.services.configuration.pull(layers[0], for_folders)
    tell_warnings(server)


def tell_warnings(server: RemaskServer) -> None:
    """Tell what was wrong with the settings, each thing once, when the client listens."""
    if server.introduced:
        for warning in server.services.configuration.take_warnings():
            server.warn(warning)
