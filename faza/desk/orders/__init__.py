"""Orders about supply, protected consumers and tariff calendars at the desk."""
