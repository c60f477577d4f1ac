"""What browsers ask for on their own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon for answers that name none: a document, a picture, JSON."""
    return redirect(static("ui/favicon.svg"))
