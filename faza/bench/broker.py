"""A Mosquitto of our own on a free port of this machine, for measurements and tests."""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

WHERE = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous {anonymous}
{passwords}
persistence true
persistence_location {folder}/
autosave_interval 1
max_inflight_messages {inflight}
max_queued_messages 0
set_tcp_nodelay true
log_type error
log_type warning
"""


class NoBroker(Exception):
    """Mosquitto is not installed, or did not start; the message says which and why."""


@dataclass(slots=True)
class Mosquitto:
    """A running broker. `restart` stops it and starts it anew with what it had kept."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def restart(self) -> None:
        _end(self.process)
        self.process = _begin(self.folder, self.port)


@contextmanager
def broker(*, inflight: int = 20, user: str = "", password: str = "") -> Iterator[Mosquitto]:
    """Run a broker as long as the block lasts. `inflight`: unacknowledged messages, 0: any number.

    20 is what Mosquitto has where nobody sets it. Raises NoBroker.
    """
    folder = Path(tempfile.mkdtemp(prefix="faza-broker-"))
    folder.chmod(0o700)
    port = _free_port()
    passwords = ""
    try:
        if user:
            file = folder / "passwords"
            program = shutil.which("mosquitto_passwd", path=WHERE) or "mosquitto_passwd"
            call = [program, "-b", "-c", str(file), user, password]
            subprocess.run(call, check=True, capture_output=True)
            passwords = f"password_file {file}"
        config = CONFIG.format(
            port=port, folder=folder, inflight=inflight, passwords=passwords,
            anonymous="false" if user else "true",
        )  # fmt: skip
        if os.geteuid() == 0:  # it gives up root by itself, and has to write here then
            config += "user root\n"
        (folder / "conf").write_text(config)
        running = Mosquitto(port, folder, _begin(folder, port))
        try:
            yield running
        finally:
            _end(running.process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(port: int, messages: Sequence[tuple[str, bytes]], name: str = "fleet") -> None:
    """Publish topics and data with QoS 1; returns when the broker has taken them all upon itself.

    Raises NoBroker if it does not within two minutes.
    """
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name)
    client.max_inflight_messages_set(1_000)
    connected = threading.Event()
    client.on_connect = lambda *told: connected.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    if not connected.wait(20):
        raise NoBroker("the broker does not answer")
    told = [client.publish(topic, data, qos=1) for topic, data in messages]
    for one in told:
        one.wait_for_publish(120)
        if not one.is_published():
            raise NoBroker("the broker does not take what is published")
    client.disconnect()
    client.loop_stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _begin(folder: Path, port: int) -> subprocess.Popen[bytes]:
    program = shutil.which("mosquitto", path=WHERE)
    if program is None:
        raise NoBroker("Mosquitto is not installed: apt-get install mosquitto")
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    log = folder / "log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [program, "-c", folder / "conf"], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
            preexec_fn=functools.partial(prctl, 1, signal.SIGTERM, 0, 0, 0),  # dies with us
        )  # fmt: skip
    until = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    process.kill()
    raise NoBroker(f"Mosquitto did not start:\n{log.read_text(errors='replace')[-1000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
