from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from faza.metering.validity import ValidityQuerySet

if TYPE_CHECKING:
    from faza.metering.models import MeteringComplex, NetworkNode, UsagePoint  # noqa: F401


class NetworkNodeQuerySet(models.QuerySet["NetworkNode"]):
    def below(self, node: NetworkNode) -> Self:
        """A node and all under it."""
        return self.filter(path__startswith=node.path)

    def roots(self) -> Self:
        return self.filter(parent=None)

    def by_name(self) -> Self:
        """Ordered as siblings stand in a tree."""
        return self.order_by("name_key", "id")

    def from_the_top(self) -> Self:
        """Ordered so that what stands higher comes first; of one height, by name."""
        return self.order_by(Length("path"), "name_key", "id")


class UsagePointQuerySet(models.QuerySet["UsagePoint"]):
    def below(self, node: NetworkNode) -> Self:
        """Points at a node and at all under it."""
        return self.filter(node__path__startswith=node.path)

    def matching(self, text: str) -> Self:
        """Points of which the code, name, address or an installed meter's number has the text."""
        # SQLite's LIKE knows only Latin letters in both cases; its regular expressions are
        # Python's and know all.
        part = re.escape(text.strip())
        by_number = self.model._default_manager.filter(
            complexes__valid_to=None, complexes__meter__number__startswith=text.strip()
        )
        return self.filter(
            Q(code__startswith=text.strip())
            | Q(name__iregex=part)
            | Q(address__iregex=part)
            | Q(id__in=by_number.values("id"))
        )

    def by_place(self) -> Self:
        """Ordered by the way through the network, then by name."""
        return self.order_by("node__path", "name_key", "id")


class MeteringComplexQuerySet(ValidityQuerySet["MeteringComplex"]):
    def billing(self) -> Self:
        """Those by which the point's energy is settled."""
        return self.filter(role=self.model.Role.BILLING)
