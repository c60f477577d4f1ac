"""Forged hosts do not fill the log."""

import logging


def test_a_forged_host_is_one_line_that_names_the_setting(client, settings, caplog, db):
    settings.ALLOWED_HOSTS = ["faza.example"]
    assert client.get("/accounts/login/", headers={"host": "evil.example"}).status_code == 400
    (record,) = [r for r in caplog.records if r.name == "django.security.DisallowedHost"]
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)
    assert "FAZA_HOSTS" in record.getMessage()
    assert "\n" not in record.getMessage()
