"""The limits of people who sign in."""

#: Attempts within `WINDOW_MINUTES` for one account, whether it exists or not, and from one address.
ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_SOURCE = 30
WINDOW_MINUTES = 15
MAX_FIELD_LENGTH = 1_000
