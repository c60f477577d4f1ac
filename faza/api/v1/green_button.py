"""Green Button (ESPI) Download My Data of a usage point."""

from __future__ import annotations

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from faza.api.v1.asking import CHANNEL_LIST, Day, channels_of, checked
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.errors import invalid
from faza.collection import queries
from faza.contracts import access
from faza.contracts.rules.tokens import Scope

router = Router(auth=Door(Scope.READINGS, as_metered=True), tags=["readings"], by_alias=True)
LONGEST = 3_660
"""Days of a feed; it is made while it is read."""
FILE = {"application/atom+xml": {"schema": {"type": "string", "format": "binary"}}}


class Asked(Schema):
    first: Day = Field(alias="from", description="First day, by the clock of the point.",
                       examples=["2026-10-01"])  # fmt: skip
    end: Day = Field(alias="to", description="The day after the last one.", examples=["2026-11-01"])
    channels: str | None = Field(
        None, pattern=CHANNEL_LIST, description="By commas; amounts of an interval only."
    )


@router.get("/usage-points/{point}/green-button", url_name="green_button",
            operation_id="green_button", summary="Intervals as a Green Button feed",
            openapi_extra={"responses": {200: {"description": "The feed.", "content": FILE}}},
)  # fmt: skip
def green_button(request: HttpRequest, point: str, asked: Query[Asked]) -> StreamingHttpResponse:
    """NAESB ESPI in an Atom feed, as other programs import it."""
    at = timezone.now()
    found, windows = access.granted_point(grant_in(request), point, at=at)
    first, end = checked(asked.first, asked.end)
    if (end - first).days > LONGEST:
        raise invalid("to", _("Expected %(limit)s at most.") % {"limit": LONGEST})
    kinds = channels_of(asked.channels, found.resource)
    try:
        file = queries.export_espi(windows, kinds, first=first, end=end, at=at)
    except queries.NotInFormat as wrong:
        raise invalid("channels", str(wrong)) from None
    response = StreamingHttpResponse(file.chunks, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response
