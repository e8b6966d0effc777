"""The settings of a command."""

import os

from ..core.config import Config


def settings() -> Config:
    """Read the settings from the environment.

    Raises:
        ConfigError: a setting cannot be used.
    """
    return Config.from_environ(os.environ)
