"""Somebody who guesses passwords in a process of their own: `python -m tests.security.guessing`.

Arguments: address of the network, e-mails and passwords as `email=password`; prints for each
whether it was let in, refused or locked out.
"""

import sys

import django


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    settings.ALLOWED_HOSTS.append("testserver")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for guess in sys.argv[2:]:
        email, _, password = guess.partition("=")
        told = {"login": email, "password": password}
        answer = Client(REMOTE_ADDR=sys.argv[1]).post(reverse("account_login"), told)
        page = answer.content.decode()
        print(
            "in"
            if answer.status_code == 302
            else "locked"
            if "Слишком много" in page
            else "refused"
        )


if __name__ == "__main__":
    main()
