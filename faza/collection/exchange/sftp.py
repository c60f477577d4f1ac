"""SFTP places: a server is spoken to only if it has the key that was agreed.

Keys and passwords are opened here for a connection and kept nowhere. Names of files come from
another machine: they are shown and compared, and never become paths of ours.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import posixpath
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import paramiko

from faza.collection import rules, secrets
from faza.collection.models import ExchangePlace

TIMEOUT = 20.0
"""Seconds for connecting and for one answer."""
PARTIAL = (".part", ".tmp", ".partial", ".filepart")
MOST = 20_000
"""Files of a folder that are looked at; who keeps more there has to clear it."""
LIMIT = 256 * 2**20
"""Bytes of a file; a larger one is refused."""
_SIGNATURES = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}
Client = paramiko.SFTPClient
KEYS: tuple[type[paramiko.PKey], ...] = (
    paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey,
)  # fmt: skip


class Trouble(Exception):
    """A place cannot be used now; the text says why, and no secret."""


class WrongHostKey(Trouble):
    """Another server answers than the one that was agreed, or its key was changed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file at a place: `key` is another one as soon as its size or moment changes."""

    name: str
    size: int
    modified: int

    @property
    def signature(self) -> str:
        told = f"{self.name}\0{self.size}\0{self.modified}"
        return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=20).hexdigest()


def parsed_host_key(text: str) -> tuple[str, str]:
    """Type and base64 of a host key as ssh-keyscan or known_hosts have it. Raises ValueError."""
    words = text.split()
    for kind, key in zip(words, words[1:], strict=False):
        if not kind.startswith(("ssh-", "ecdsa-")):
            continue
        try:
            raw = base64.b64decode(key, validate=True)
        except binascii.Error as problem:
            raise ValueError("the key is no base64") from problem
        if raw[4 : 4 + len(kind)] != kind.encode():
            raise ValueError("the key is not of the type that stands before it")
        return kind, key
    raise ValueError("a host key is a type and a key: ssh-ed25519 AAAA…")


def fingerprint_of(host_key: str) -> str:
    """SHA256:… of a host key, as ssh shows it; "" if it is none."""
    try:
        raw = base64.b64decode(parsed_host_key(host_key)[1])
    except ValueError:
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")


def private_key(text: str) -> paramiko.PKey:
    """A private key without a passphrase, in OpenSSH's or PEM form. Raises ValueError."""
    for kind in KEYS:
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError, IndexError, binascii.Error):
            continue
    raise ValueError("this is no private key, or it needs a passphrase")


@contextmanager
def connected(place: ExchangePlace) -> Iterator[paramiko.SFTPClient]:
    """A connection to a place. Raises Trouble; WrongKey where its secret cannot be opened."""
    secret = secrets.opened(place.secret).password.decode()
    kind, key = parsed_host_key(place.host_key)
    transport: paramiko.Transport | None = None
    try:
        address = socket.create_connection((place.host, place.port), timeout=TIMEOUT)
        transport = paramiko.Transport(address)
        transport.banner_timeout = transport.auth_timeout = TIMEOUT
        transport.get_security_options().key_types = _SIGNATURES.get(kind, (kind,))
        transport.start_client(timeout=TIMEOUT)
        if transport.get_remote_server_key().get_base64() != key:
            raise WrongHostKey("the server has another key than the one that is agreed")
        if place.is_key:
            transport.auth_publickey(place.user, private_key(secret))
        else:
            transport.auth_password(place.user, secret)
        client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise Trouble("the server has no SFTP")
        channel = client.get_channel()
        if channel is not None:
            channel.settimeout(TIMEOUT)
        yield client
    except paramiko.AuthenticationException as problem:
        raise Trouble("user, password or key are not taken") from problem
    except paramiko.SSHException as problem:
        if "no acceptable host key" in str(problem).lower():
            told = "the server has no key of the type that is agreed"
            raise WrongHostKey(told) from problem
        raise Trouble(f"SSH: {problem}") from problem
    except (OSError, EOFError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem or type(problem).__name__
        raise Trouble(str(reason)) from problem
    finally:
        if transport is not None:
            transport.close()


def files_in(client: paramiko.SFTPClient, folder: str) -> list[Found]:
    """The files of a folder that nobody seems to write, by name."""
    found = []
    for entry in client.listdir_attr(folder or ".")[:MOST]:
        name = entry.filename
        if not stat.S_ISREG(entry.st_mode or 0) or rules.is_hidden(name):
            continue
        if not name.lower().endswith(PARTIAL):
            found.append(Found(name, entry.st_size or 0, int(entry.st_mtime or 0)))
    return sorted(found, key=lambda one: one.name)


def fetched(client: paramiko.SFTPClient, folder: str, found: Found) -> bytes | None:
    """The bytes of a file; None if it was changed meanwhile: somebody writes it."""
    path = posixpath.join(folder or ".", found.name)
    with client.open(path, "rb") as remote:
        remote.prefetch(found.size)
        data = remote.read(found.size + 1)
        after = remote.stat()
    same = (after.st_size, int(after.st_mtime or 0)) == (found.size, found.modified)
    return data if same and len(data) == found.size else None


def put(client: paramiko.SFTPClient, folder: str, name: str, content: bytes) -> None:
    """Write a file that is whole or not there under its name; twice replaces it by the same."""
    place = posixpath.join(folder or ".", name)
    fresh = f"{place}.part"
    with client.open(fresh, "wb") as remote:
        remote.set_pipelined(True)
        remote.write(content)
    try:
        client.posix_rename(fresh, place)
    except OSError:
        # Servers without that extension refuse to rename onto a file.
        with suppress(OSError):
            client.remove(place)
        client.rename(fresh, place)
