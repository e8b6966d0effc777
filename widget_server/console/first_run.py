"""Add the pages that set up the server, and add and install its sites."""

from __future__ import annotations

from flask import Blueprint

from .install import views as install
from .page_checks import views as page_checks
from .privacy import views as privacy
from .set_up import views as set_up
from .settings import agent_accounts, key_views, theme_preview
from .settings import views as settings
from .sites import new_site, removal
from .sites import views as sites


def add_rules(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/set-up", "set_up_page", set_up.set_up_page)
    blueprint.add_url_rule("/set-up", "set_up_server", set_up.set_up_server, methods=["POST"])
    blueprint.add_url_rule("/sites", "all_sites", sites.all_sites)
    blueprint.add_url_rule("/sites/new", "new_site", new_site.new_site)
    blueprint.add_url_rule("/sites/new", "add_site", new_site.add_site, methods=["POST"])
    blueprint.add_url_rule("/<key>/install", "install", install.install)
    blueprint.add_url_rule("/<key>/install/layout", "choose_layout", install.choose_layout, methods=["POST"])
    blueprint.add_url_rule("/<key>/install/chat", "choose_chat", install.choose_chat, methods=["POST"])
    page_checks.add_rules(blueprint)
    settings.add_rules(blueprint)
    account_path = "/<key>/settings/agents/<uuid:agent_id>/account"
    blueprint.add_url_rule(account_path, "link_agent", agent_accounts.link_agent, methods=["POST"])
    blueprint.add_url_rule("/<key>/settings/appearance/preview", "preview_theme", theme_preview.preview_theme)
    blueprint.add_url_rule("/<key>/settings/remove", "settings_remove", removal.settings_remove)
    blueprint.add_url_rule("/<key>/settings/remove", "remove_site", removal.remove, methods=["POST"])
    blueprint.add_url_rule("/<key>/restore", "restore_site", removal.restore, methods=["POST"])
    key_views.add_rules(blueprint)
    privacy.add_rules(blueprint)
