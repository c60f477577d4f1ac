"""The mobile client below /m/: its shell, and how a phone is connected. Data come by the API."""
