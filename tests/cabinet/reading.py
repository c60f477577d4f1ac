"""What a page says, and what it gives to its charts."""

import json
import re
from datetime import date
from html import unescape
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.html import strip_tags

from tests.cabinet.factories import ZONE


def words(response) -> str:
    """What a page says, with plain spaces."""
    text = unescape(
        strip_tags(re.sub(r"<script.*?</script>", "", response.content.decode(), flags=re.S))
    )
    return " ".join(text.replace("\xa0", " ").replace("\u202f", " ").split())


def payload(response, name: str) -> dict:
    """The data of a chart."""
    found = re.search(rf'<script id="{name}" [^>]*>(.*?)</script>', response.content.decode(), re.S)
    assert found, f"no {name}"
    return json.loads(found[1])


def today() -> date:
    return timezone.now().astimezone(ZoneInfo(ZONE)).date()
