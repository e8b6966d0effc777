"""The measured product: a real `tilfreds serve` with one site and the default settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from tests.serve.server import Server
from tests.serving import UNLIMITED
from widget_server import create_app
from widget_server.conversations.service import make_conversation, put_agent
from widget_server.core import tokens
from widget_server.core.config import Config
from widget_server.invitations.conversation_state import lock_state
from widget_server.invitations.service import Ending, end_segment
from widget_server.migrations import run as migrations
from widget_server.sites.service import create_site, find_site
from widget_server.sites.signatures import invitation_token, site_keys
from widget_server.storage.db import db
from widget_server.surveys.service import create_survey

SECRET = "b7Qw2Zr9Kd4Lx8Vn3Tj6Hs1Gf5Pc0MyAe"
ORIGIN = "https://shop.example"


@dataclass(frozen=True)
class SampleSite:
    """A site with its surveys and invitations."""

    key: str
    article_revision: str
    chat_revision: str
    site_id: UUID
    agent_id: UUID
    tokens: list[str]
    conversation_ids: list[str]
    #: The back end's ids of the same conversations.
    external_ids: list[str]


@dataclass(frozen=True)
class Product(SampleSite):
    """A sample site on a running server."""

    server: Server
    config: Config

    @property
    def votes_url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/w/{self.key}/votes"


@contextmanager
def running(
    folder: Path,
    *,
    database_url: str = "",
    invitations: int = 0,
    origin: str = ORIGIN,
    prefix: Sequence[str] = (),
    prepare_file: Callable[[Path, SampleSite], None] = lambda path, site: None,
    settings: Mapping[str, object] = MappingProxyType({}),
) -> Iterator[Product]:
    """Serve a new database with one site, its two surveys and a number of invitations; end the server afterwards.

    `prefix` precedes the server's command; `prepare_file` receives the SQLite file before the server starts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = Config(
        data_dir=folder,
        database_url=database_url or f"sqlite:///{folder / 'tilfreds.sqlite3'}",
        secret_keys=(SECRET.encode(),),
    )
    migrations.upgrade(config.database_url)
    site = fill_database(config, invitations, origin)
    if config.is_sqlite:
        prepare_file(config.sqlite_path, site)
    secured = {**UNLIMITED, "secret_keys": SECRET, "database_url": config.database_url, "backup_keep_days": 0}
    server = Server(folder, **{**secured, **settings})
    server.command = [*prefix, *server.command]
    server.started()
    try:
        yield Product(**vars(site), server=server, config=config)
    finally:
        if not prefix:
            server.stop()
        server.end()


def fill_database(config: Config, invitations: int, origin: str = ORIGIN) -> SampleSite:
    """Add a site with an article and a chat survey to an empty database, and a number of chats with invitations."""
    app = create_app(config)
    with app.app_context():
        site, _ = create_site(config.secret_keys, name="Bench", allowed_origins=[origin])
        _, article = create_survey(site, name="Article", placement="article")
        _, chat = create_survey(site, name="Chat", placement="chat_end")
        agent = put_agent(site, "bench", name="Agent")
        keys = site_keys(db.session, config.secret_keys, site.id)
        invitation_tokens, conversation_ids, external_ids = [], [], []
        for _ in range(invitations):
            conversation = make_conversation(site, external_id=tokens.random_text(12))
            invitation = end_segment(site, lock_state(conversation), Ending(source="back_end", proof="back_end"))
            invitation_tokens.append(invitation_token(keys, site.id, invitation.id))
            conversation_ids.append(str(conversation.id))
            external_ids.append(str(conversation.external_id))
        key = find_site(site.id).key
        db.session.commit()
        app.extensions["tilfreds_engines"].dispose()
        ids = (str(article.id), str(chat.id), site.id, agent.id)
        return SampleSite(key, *ids, invitation_tokens, conversation_ids, external_ids)
