from datetime import UTC, datetime
from itertools import count

from faza.accounts import services
from faza.accounts.models import User

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_numbers = count(1)


def make_user(role: User.Role = User.Role.SUBSCRIBER, **fields: object) -> User:
    number = next(_numbers)
    asked = {"email": f"u{number}@example.org", "full_name": f"Person {number}", "at": NOW}
    return services.create_user(role=role, **(asked | fields))
