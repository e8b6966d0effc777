"""The routes of single sign-on."""

from __future__ import annotations

from flask import Blueprint, current_app

from ..accounts.oidc.settings import find_settings
from .sign_in import single_sign_on as sign_on
from .single_sign_on import views


def add_sign_on_rules(blueprint: Blueprint) -> None:
    """Add the page of single sign-on, and the way of a person who signs in with it."""
    sign_in_path = "/sign-in/single-sign-on"
    blueprint.add_url_rule(sign_in_path, "start_sign_on", sign_on.start_sign_on)
    blueprint.add_url_rule(f"{sign_in_path}/callback", "sign_on_callback", sign_on.sign_on_callback)
    blueprint.add_url_rule(sign_in_path, "finish_sign_on", sign_on.finish_sign_on, methods=["POST"])
    path = "/single-sign-on"
    blueprint.add_url_rule(path, "single_sign_on", views.single_sign_on)
    blueprint.add_url_rule(path, "save_provider", views.save_provider, methods=["POST"])
    blueprint.add_url_rule(f"{path}/remove", "remove_provider", views.remove_provider, methods=["POST"])
    blueprint.add_url_rule(f"{path}/test", "test_provider", views.test_provider)
    blueprint.add_url_rule(f"{path}/test", "show_test", views.show_test, methods=["POST"])


def sign_on_name() -> str:
    """Return how the sign-in page names the provider; empty without one."""
    settings = find_settings(current_app.config["TILFREDS"])
    return settings.name if settings else ""
