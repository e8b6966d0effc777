"""All tables of the product. Importing the models of a folder adds its tables to the metadata."""

from __future__ import annotations

import importlib
from pathlib import Path

import widget_server
from widget_server.storage.db import db

for path in sorted(Path(widget_server.__file__).parent.glob("*/*models.py")):
    importlib.import_module(f"widget_server.{path.parent.name}.{path.stem}")

metadata = db.metadata
