"""Legal texts, the organisation card, users and roles, retention, the trail of deeds."""
