"""Faults planted in the processes of a server: Python runs a `sitecustomize` of its path before anything else."""

from __future__ import annotations

import os
from pathlib import Path

from tests.serving import Product

START = """import sys
if any(word.endswith({script!r}) for word in sys.orig_argv):
    {statement}
"""


def plant(product: Product, folder: Path, statement: str, script: str = "web.py") -> None:
    """Let the next `serve` run the statement first, in the process of that script."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(START.format(script=script, statement=statement))
    product.environ["PYTHONPATH"] = os.pathsep.join([str(folder), product.environ.get("PYTHONPATH", "")])
