"""A naive implementation for comparison: one object and one commit for each vote, under gunicorn."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event

db = SQLAlchemy()


class Vote(db.Model):  # type: ignore[name-defined,misc]
    """A press. Its unique id rejects a repeated one."""

    id = db.Column(db.Integer, primary_key=True)
    press = db.Column(db.String(22), unique=True, nullable=False)
    subject = db.Column(db.String(500), nullable=False)
    score = db.Column(db.Integer, nullable=False)
    created_at = db.Column(db.DateTime, nullable=False)


def make_app() -> Flask:
    app = Flask("naive", static_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["NAIVE_DATABASE_URL"]
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", set_durability)
        db.create_all()
        # Workers are forked after this and must not share a connection.
        db.engine.dispose()

    @app.post("/w/key/votes")
    def votes() -> dict[str, Any]:
        fields = request.get_json(force=True)
        vote = Vote(press=fields["id"], subject=fields["subject"], score=fields["score"], created_at=datetime.now(UTC))
        db.session.add(vote)
        db.session.commit()
        return {"id": vote.id, "score": vote.score}

    @app.get("/")
    def ready() -> str:
        return ""

    return app


def set_durability(connection: Any, record: object) -> None:
    """Make SQLite as durable as the product does."""
    if os.environ["NAIVE_DATABASE_URL"].startswith("sqlite"):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA busy_timeout = 20000")
