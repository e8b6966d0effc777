"""The settings of a command."""

import os

from ..core.config import Config


def settings() -> Config:
    """Read the settings from the environment.

    Raises:
        ConfigError: A setting is invalid.
    """
    return Config.from_environ(os.environ)
