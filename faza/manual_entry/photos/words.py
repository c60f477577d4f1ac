"""Why a photo was not taken, and what to do, in the words of its sender."""

from __future__ import annotations

from django.utils.translation import gettext as _

from faza.manual_entry.photos.cleaning import MOST_BYTES, MOST_PIXELS
from faza.manual_entry.photos.picture import Reason

MEGABYTE = 1024 * 1024


def told(reason: Reason) -> str:
    """One or two sentences; translated."""
    match reason:
        case Reason.EMPTY:
            return _("The file of the photo is empty. Choose it again.")
        case Reason.TOO_LONG:
            return _("The photo is larger than %(n)s MB. Send a smaller one.") % {
                "n": MOST_BYTES // MEGABYTE
            }
        case Reason.HEIC:
            return _(
                "The photo is in the format HEIC, which is not taken. Send it as JPEG: on an "
                "iPhone choose Settings, Camera, Formats, “Most Compatible”, or send a screenshot."
            )
        case Reason.NOT_A_PHOTO:
            return _("This file is no photo. JPEG, PNG and WebP are taken.")
        case Reason.ANIMATED:
            return _("This picture moves. Send a single photo.")
        case Reason.TOO_LARGE:
            return _("The photo has more than %(n)s million pixels. Send a smaller one.") % {
                "n": MOST_PIXELS // 1_000_000
            }
        case Reason.BROKEN:
            return _("The photo did not arrive wholly or is damaged. Send it again.")
    return _("The photo is too heavy to be read. Send a smaller one.")
