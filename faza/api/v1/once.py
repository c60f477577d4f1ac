"""Writes: what they are sent with, and how doing them twice does them once (Idempotency-Key)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Annotated

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header

from faza.api import services
from faza.api.v1.auth import grant_in
from faza.api.v1.errors import Problem
from faza.api.v1.http import JSON

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r'^("[A-Za-z0-9_-]{16,98}"|[A-Za-z0-9_-]{16,100})$',
        description="A name of this deed by the program, a UUID mostly; kept for 24 hours. The same"
        " key with the same question is answered the same, and nothing is done again.",
        examples=["7f0c2a0e-6f1b-4a55-9a57-0b8f4b7a3c11"],
    ),
]
Deed = Callable[[str], HttpResponse]
"""Does it and answers; it is given a name of 32 hexadecimal digits, the same one of the same key.
"""


def once(request: HttpRequest, key: str, deed: Deed) -> HttpResponse:
    """The answer of a deed, done now or before.

    Raises Problem where the key was given with another question, or somebody is doing it; and
    what the deed raises, which leaves the key free.
    """
    grant, key = grant_in(request), key.strip('"')
    try:
        kept = services.begin(
            token=grant.token, key=key, digest=_digest(request), at=timezone.now()
        )
    except services.AnotherQuestion:
        raise Problem("key-used") from None
    except services.UnderWay:
        raise Problem("under-way", headers={"Retry-After": "1"}) from None
    if kept.status is not None:
        return _again(kept.status, kept.body, kept.location)
    try:
        response = deed(name_of(grant.token, key))
    except BaseException:
        services.let_go(kept)
        raise
    services.finish(
        kept, status=response.status_code, body=response.content.decode(),
        location=response.headers.get("Location", ""),
    )  # fmt: skip
    return response


def name_of(token: int, key: str) -> str:
    """The name of a deed: of one program's key."""
    return hashlib.sha256(f"api:{token}:{key}".encode()).hexdigest()[:32]


def _again(status: int, body: str, location: str) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type=JSON)
    if location:
        response["Location"] = location
    response["Idempotency-Replayed"] = "true"
    return response


def _digest(request: HttpRequest) -> str:
    """Of the method, the address and what was sent.

    Of a form its fields and files: the text between them is another one at each try.
    """
    told = [f"{request.method} {request.get_full_path()}".encode()]
    if request.content_type == "multipart/form-data":
        for name in sorted(request.POST):
            told.append(json.dumps([name, request.POST.getlist(name)]).encode())
        for name in sorted(request.FILES):
            told += [json.dumps([name, _of_file(one)]).encode() for one in _files(request, name)]
    else:
        told.append(_plain(request.body))
    return hashlib.sha256(b"\n".join(told)).hexdigest()


def _files(request: HttpRequest, name: str) -> list[UploadedFile]:
    return [one for one in request.FILES.getlist(name) if isinstance(one, UploadedFile)]


def _of_file(file: UploadedFile) -> str:
    """The digest of a file, which stands at its beginning again afterwards."""
    file.seek(0)
    found = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return found


def _plain(body: bytes) -> bytes:
    """JSON without its spaces and order: programs write the same one differently."""
    try:
        return json.dumps(json.loads(body), sort_keys=True).encode()
    except ValueError:
        return body
