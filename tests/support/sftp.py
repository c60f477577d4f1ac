"""A small SFTP server of the tests' own: one user, one folder of this machine."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import paramiko

USER, PASSWORD = "faza", "тайна"


@dataclass
class Server:
    """Where it is; `folder` is its root, `key` the key of people, `host_key` its own."""

    port: int
    folder: Path
    host_key: str
    keys: set[str]


class _Files(paramiko.SFTPServerInterface):
    root: Path

    def _place(self, path: str) -> Path:
        return self.root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path):
        try:
            entries = list(os.scandir(self._place(path)))
        except OSError as problem:
            return paramiko.SFTPServer.convert_errno(problem.errno)
        return [paramiko.SFTPAttributes.from_stat(one.stat(), one.name) for one in entries]

    def stat(self, path):
        try:
            return paramiko.SFTPAttributes.from_stat(self._place(path).stat())
        except OSError as problem:
            return paramiko.SFTPServer.convert_errno(problem.errno)

    lstat = stat

    def open(self, path, flags, attr):
        mode = "wb" if flags & os.O_WRONLY else "rb"
        try:
            file = self._place(path).open(mode)
        except OSError as problem:
            return paramiko.SFTPServer.convert_errno(problem.errno)
        handle = _Handle(flags)
        handle.readfile = handle.writefile = file
        return handle

    def remove(self, path):
        return self._do(self._place(path).unlink)

    def rename(self, oldpath, newpath):
        if self._place(newpath).exists():
            return paramiko.SFTP_FAILURE
        return self._do(lambda: self._place(oldpath).rename(self._place(newpath)))

    def posix_rename(self, oldpath, newpath):
        return self._do(lambda: self._place(oldpath).replace(self._place(newpath)))

    def _do(self, deed):
        try:
            deed()
        except OSError as problem:
            return paramiko.SFTPServer.convert_errno(problem.errno)
        return paramiko.SFTP_OK


class _Handle(paramiko.SFTPHandle):
    def stat(self):
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Door(paramiko.ServerInterface):
    def __init__(self, keys: set[str]) -> None:
        self.keys = keys

    def check_auth_password(self, username, password):
        right = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username, key):
        right = username == USER and key.get_base64() in self.keys
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username):
        return "password,publickey"

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server on a free port, whose root is a folder."""
    own = paramiko.ECDSAKey.generate()
    listener = socket.create_server(("127.0.0.1", 0))
    keys: set[str] = set()
    files = type("Files", (_Files,), {"root": folder})
    transports: list[paramiko.Transport] = []

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transport.add_server_key(own)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, files)
            transports.append(transport)
            with suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(server=_Door(keys))

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield Server(
            listener.getsockname()[1], folder, f"{own.get_name()} {own.get_base64()}", keys
        )
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for transport in transports:
            transport.close()
            transport.join(5)
