"""Pages about a person's own account: registration, activation, data, devices, consents."""
