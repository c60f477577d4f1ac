"""A private PostgreSQL server on a free port, in a folder that goes away with it.

It listens on the loopback interface and trusts whoever connects: for tests and measurements only.
"""

import contextlib
import ctypes
import fcntl
import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

NAME = "faza"
PREFIX = "faza-postgres-"
# Tests lose nothing by a power cut, so they need not wait for the disk.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DURABLE = {"shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "15min"}


class NoServer(Exception):
    """PostgreSQL is not installed, or did not start; the message says which and why."""


def die_with_parent(by: int) -> Callable[[], None]:
    """What a child process runs first, so that the kernel sends it a signal when we are gone."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return functools.partial(prctl, 1, by, 0, 0, 0)  # 1: PR_SET_PDEATHSIG


def programs() -> Path:
    """The folder of the newest PostgreSQL here: Debian keeps it off the PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3])
    )
    if found:
        return found[-1].parent
    if at := shutil.which("initdb"):
        return Path(at).resolve().parent
    raise NoServer("PostgreSQL is not installed: apt-get install postgresql")


def unprivileged() -> dict[str, int | list[int]]:
    """Arguments for Popen: the server refuses to run as root, so it runs as Debian's user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoServer("PostgreSQL does not run as root, and there is no user postgres or nobody")


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sweep() -> None:
    """Remove folders of servers whose owner was killed before it could tidy up."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "owner").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while the owner lives
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Run a server as long as the block lasts; give the DATABASE_URL of its empty database.

    The server stops with this process, even where the process is killed.

    Raises NoServer if PostgreSQL is not there or does not start.
    """
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with (folder / "owner").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield from _run(folder, DURABLE if durable else HASTY)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, options: Mapping[str, str]) -> Iterator[str]:
    make(folder)
    for _ in range(3):  # somebody may take the port between asking for it and using it
        port = free_port()
        process = begin(folder, port, options)
        try:
            if answers(port, process):
                create(port)
                yield url_of(port)
                return
        finally:
            end(process)
    raise NoServer(f"PostgreSQL did not start:\n{log_of(folder)}")


def make(folder: Path) -> None:
    """Make the files of a server in a folder, which becomes its user's. Raises NoServer."""
    run_as = unprivileged()
    if run_as:
        os.chown(folder, run_as["user"], run_as["group"])  # type: ignore[arg-type]
    call = [programs() / "initdb", "--pgdata", folder / "data", "--username", NAME]
    call += ["--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]
    call += ["--no-sync", "--no-instructions"]
    made = subprocess.run(
        call, env=_plain(), cwd=folder, capture_output=True, text=True, check=False, **run_as  # type: ignore[call-overload]
    )  # fmt: skip
    if made.returncode:
        raise NoServer(f"initdb failed: {made.stderr[-2000:]}")


def begin(folder: Path, port: int, options: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the server of a folder; it goes when this process goes."""
    with (folder / "log").open("ab") as out:
        started: subprocess.Popen[bytes] = subprocess.Popen(
            [programs() / "postgres", "-D", folder / "data", *_arguments(folder, port, options)],
            env=_plain(),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # a Ctrl-C is for the tests, not for their database
            preexec_fn=die_with_parent(signal.SIGQUIT),
            **unprivileged(),  # type: ignore[call-overload]
        )
    return started


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a server, where it still runs, cutting its connections."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(10)


def create(port: int) -> None:
    """Create the database of a server that runs."""
    at = ["--host", "127.0.0.1", "--port", str(port), "--username", NAME]
    subprocess.run([programs() / "createdb", *at, NAME], env=_plain(), check=True)


def url_of(port: int) -> str:
    return f"postgres://{NAME}@127.0.0.1:{port}/{NAME}"


def log_of(folder: Path) -> str:
    """The last words of a server."""
    return (folder / "log").read_text(errors="replace")[-2000:]


def _plain() -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8", "PATH": f"{programs()}:/usr/bin:/bin", "TZ": "UTC"}


def _arguments(folder: Path, port: int, options: Mapping[str, str]) -> list[str]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(folder),
        "max_connections": "100",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **options,
    }
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether the server takes connections within a minute; false as soon as it has ended."""
    ready = [programs() / "pg_isready", "--quiet", "--host", "127.0.0.1", "--port", str(port)]
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        if subprocess.run(ready, env=_plain(), check=False).returncode == 0:
            return True
        time.sleep(0.05)
    return False
