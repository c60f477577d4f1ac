"""What brings telemetry beside a collector: the watched folder and the broker, as settings say."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from faza.collection.intake.folder import Folder
from faza.collection.intake.mqtt import Subscriber
from faza.collection.intake.topics import broker_of
from faza.core.bell import Stop
from faza.core.clock import Now

LOOKS = 2.0
"""Seconds between two looks into the folder: a file rests for so long before it is taken."""
GRACE = 15.0
"""Seconds that what is at work has to end."""
log = logging.getLogger(__name__)


@contextmanager
def running(stop: Stop, now: Now) -> Iterator[None]:
    """Watch FAZA_INBOX and subscribe to FAZA_MQTT, where they are set, as long as the block lasts.

    Ends when `stop` is set, too. Raises ValueError if FAZA_MQTT is no address of a broker.
    """
    threads: list[threading.Thread] = []
    subscriber: Subscriber | None = None
    ended = threading.Event()
    if settings.MQTT:
        subscriber = Subscriber(broker_of(settings.MQTT), now)
        threads.append(threading.Thread(target=_subscribe, args=(subscriber,), name="mqtt"))
    if settings.INBOX:
        watching = (Path(settings.INBOX), now, stop, ended)
        threads.append(threading.Thread(target=watch, args=watching, name="inbox"))
    if subscriber is not None:
        passing = (subscriber, stop, ended)
        threads.append(threading.Thread(target=_pass_on, args=passing, name="intake"))
    for thread in threads:
        thread.daemon = True
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if subscriber is not None:
            subscriber.stop.set()
        for thread in threads:
            thread.join(GRACE)


def look_once(now: Now) -> int:
    """Read what lies in FAZA_INBOX now, and is not written any more; how many files."""
    if not settings.INBOX:
        return 0
    with Folder(Path(settings.INBOX), now) as folder:
        read = folder.look()
        threading.Event().wait(LOOKS)
        return read + folder.look()


def _pass_on(subscriber: Subscriber, stop: Stop, ended: threading.Event) -> None:
    while not (stop.wait(0.2) or ended.is_set()):
        pass
    subscriber.stop.set()


def _subscribe(subscriber: Subscriber) -> None:
    """Subscribe while no other process of this installation does: two of a name part each other."""
    try:
        with (Path(settings.HOME) / "mqtt.lock").open("w") as lock:
            while not subscriber.stop.is_set():
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    subscriber.stop.wait(LOOKS)
                else:
                    subscriber.run()
    finally:
        connections.close_all()


def watch(path: Path, now: Now, stop: Stop, ended: threading.Event) -> None:
    """Look into a folder again and again, until one of the two is set."""
    try:
        while not (stop.is_set() or ended.is_set()):
            try:
                with Folder(path, now) as folder:
                    while not (stop.is_set() or ended.is_set()):
                        close_old_connections()
                        folder.look()
                        _rest(stop, ended)
            except (DatabaseError, InterfaceError, OSError) as problem:
                log.error("the folder %s: %s", path, problem)
                _rest(stop, ended)
    finally:
        connections.close_all()


def _rest(stop: Stop, ended: threading.Event) -> None:
    for _ in range(int(LOOKS / 0.2)):
        if stop.wait(0.2) or ended.is_set():
            return
