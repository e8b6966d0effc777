"""The folders of the front-end files and of the guides that the console shows.

They are in the package when installed, and beside it in a checkout.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
STATIC = _PACKAGE / "static" if (_PACKAGE / "static").is_dir() else _PACKAGE.parent / "static"
GUIDES = _PACKAGE / "guides" if (_PACKAGE / "guides").is_dir() else _PACKAGE.parent / "docs" / "guides"
