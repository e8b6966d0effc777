"""Register the console: its routes, its content security policy and its error pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, g
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ..auth.access import requires
from ..core.errors import DomainError, NotFound
from ..web import translations
from . import assets, error_pages, first_run, formatting, forms, live
from .agents import views as agents
from .articles import views as articles
from .audit import views as audit
from .conversations import conversation_list, exclusions, mark_read, screenshots, survey_actions
from .conversations import views as conversations
from .factor_rules import add_factor_rules
from .mail import views as mail
from .my_ratings import views as my_ratings
from .overview import views as overview
from .profile import views as profile
from .script_texts import script_texts
from .sign_in import confirmation, forgotten, passwords
from .sign_in import views as sign_in
from .sign_on_rules import add_sign_on_rules, sign_on_name
from .sites import views as sites
from .sites.switcher import switcher_choices
from .surges import views as surges
from .teams import views as teams
from .users import views as users
from .users.second_factor import require_factor

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {live}; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types console"
)
#: Features of browsers that no page of the console uses. Passkeys are not among them.
UNUSED_FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def init_app(app: Flask) -> None:
    """Register the console under `/console/`."""
    translations.init_app(app)
    app.register_blueprint(make_blueprint())


def make_blueprint() -> Blueprint:
    """Return the blueprint with all routes, error handlers and template functions."""
    blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
    blueprint.add_url_rule("/", "sites", sites.sites)
    add_account_rules(blueprint)
    first_run.add_rules(blueprint)
    blueprint.add_url_rule("/sign-in/link", "sign_in", sign_in.link_page)
    blueprint.add_url_rule("/sign-in/link", "redeem", sign_in.redeem, methods=["POST"])
    blueprint.add_url_rule("/sign-out", "sign_out", sign_in.sign_out, methods=["POST"])
    blueprint.add_url_rule("/-/<version>/<name>", "file", assets.serve_file)
    blueprint.add_url_rule("/<key>/", "site", sites.site)
    blueprint.add_url_rule("/<key>/overview", "overview", overview.overview)
    blueprint.add_url_rule("/<key>/overview/ratings", "report_ratings", overview.report_ratings)
    blueprint.add_url_rule("/<key>/conversations", "conversations", conversations.conversations)
    blueprint.add_url_rule("/<key>/conversations/<conversation>", "conversation", conversations.conversation)
    blueprint.add_url_rule("/<key>/mark-all-read", "mark_all_read", mark_read.mark_all_read, methods=["POST"])
    conversation_path = "/<key>/conversations/<conversation>"
    blueprint.add_url_rule(f"{conversation_path}/mark-read", "mark_read", mark_read.mark_read, methods=["POST"])
    for name, view in (("ask", survey_actions.ask), ("close", survey_actions.close)):
        blueprint.add_url_rule(f"{conversation_path}/{name}", name, view, methods=["POST"])
    for name, view in exclusions.ACTIONS.items():
        for path in (conversation_path, "/<key>/articles"):
            blueprint.add_url_rule(f"{path}/votes/<uuid:vote_id>/{name}", name, view, methods=["POST"])
    blueprint.add_url_rule("/<key>/articles", "articles", articles.articles)
    add_surge_rules(blueprint)
    blueprint.add_url_rule("/<key>/agents", "agents", agents.agents)
    blueprint.add_url_rule("/<key>/agents/<uuid:agent_id>", "agent", agents.agent)
    blueprint.add_url_rule("/<key>/my-ratings", "my_ratings", my_ratings.my_ratings)
    blueprint.add_url_rule("/<key>/screenshots/<name>", "screenshot", screenshots.screenshot)
    blueprint.add_url_rule("/<key>/audit", "site_audit", audit.site_audit)
    blueprint.add_url_rule("/<key>/audit/export", "export_site_audit", audit.export_site_audit, methods=["POST"])
    blueprint.add_url_rule("/<key>/live", "live", live.token)
    blueprint.add_url_rule("/<path:rest>", "missing_page", missing_page)
    blueprint.after_request(add_headers)
    blueprint.register_error_handler(DomainError, error_pages.handle_domain_error)
    for error in (OperationalError, PoolTimeout):
        blueprint.register_error_handler(error, error_pages.handle_unavailable)
    blueprint.register_error_handler(Exception, error_pages.handle_exception)
    blueprint.context_processor(template_functions)
    return blueprint


def add_account_rules(blueprint: Blueprint) -> None:
    """Add the pages of accounts, which belong to no site."""
    blueprint.add_url_rule("/sign-in", "sign_in_page", passwords.sign_in_page)
    blueprint.add_url_rule("/sign-in", "sign_in_with_password", passwords.sign_in_with_password, methods=["POST"])
    add_factor_rules(blueprint)
    blueprint.add_url_rule("/confirm", "confirm_page", confirmation.confirm_page)
    blueprint.add_url_rule("/confirm", "confirm", confirmation.confirm, methods=["POST"])
    blueprint.add_url_rule("/forgot-password", "forgotten_page", forgotten.forgotten_page)
    blueprint.add_url_rule("/forgot-password", "request_link", forgotten.request_link, methods=["POST"])
    blueprint.add_url_rule("/set-password", "set_password_page", passwords.set_password_page)
    blueprint.add_url_rule("/set-password", "set_password", passwords.set_password, methods=["POST"])
    blueprint.add_url_rule("/profile", "profile", profile.profile)
    blueprint.add_url_rule("/profile/password", "change_password", profile.change_password, methods=["POST"])
    blueprint.add_url_rule("/profile/language", "choose_language", profile.choose_language, methods=["POST"])
    sessions_path = "/profile/sessions"
    blueprint.add_url_rule(
        f"{sessions_path}/<uuid:session_id>/end", "end_one_session", profile.end_one_session, methods=["POST"]
    )
    blueprint.add_url_rule(
        f"{sessions_path}/end-others", "end_other_sessions", profile.end_other_sessions, methods=["POST"]
    )
    add_mail_rules(blueprint)
    add_sign_on_rules(blueprint)
    blueprint.add_url_rule("/audit", "audit", audit.audit)
    blueprint.add_url_rule("/audit/export", "export_audit", audit.export_audit, methods=["POST"])
    teams.add_rules(blueprint)
    blueprint.add_url_rule("/users", "users", users.list_users)
    blueprint.add_url_rule("/users/second-factor", "require_factor", require_factor, methods=["POST"])
    blueprint.add_url_rule("/users", "invite", users.invite, methods=["POST"])
    for name, view in (
        ("link", users.renew_link),
        ("role", users.change_role),
        ("disable", users.disable),
        ("enable", users.enable),
        ("create-sites", users.allow_sites),
        ("remove-factors", users.remove_factors),
    ):
        blueprint.add_url_rule(f"/users/<uuid:user_id>/{name}", view.__name__, view, methods=["POST"])


def add_mail_rules(blueprint: Blueprint) -> None:
    """Add the page of the mail server."""
    blueprint.add_url_rule("/mail", "mail", mail.mail)
    blueprint.add_url_rule("/mail", "save_mail_server", mail.save_mail_server, methods=["POST"])
    blueprint.add_url_rule("/mail/remove", "remove_mail_server", mail.remove_mail_server, methods=["POST"])
    blueprint.add_url_rule("/mail/test", "send_test_mail", mail.send_test_mail, methods=["POST"])
    blueprint.add_url_rule("/mail/<uuid:delivery_id>/send", "send_again", mail.send_again, methods=["POST"])


def add_surge_rules(blueprint: Blueprint) -> None:
    """Add the page of surges and its decisions."""
    blueprint.add_url_rule("/<key>/surges", "surges", surges.surges)
    for name, view in (("exclude", surges.exclude_surge), ("keep", surges.keep_surge)):
        blueprint.add_url_rule(f"/<key>/surges/<uuid:surge_id>/{name}", view.__name__, view, methods=["POST"])


def template_functions() -> dict[str, Any]:
    """Return the functions and modules that every template may use."""
    return {
        "words": formatting,
        "file": assets.file_address,
        "form_token": sign_in.form_token,
        "unread_of": conversation_list.unread_of,
        "from_row": forms.from_row,
        "field_state": forms.field_state,
        "script_texts": script_texts,
        "rights": g.get("rights"),
        "switcher_choices": switcher_choices,
        "sign_on_name": sign_on_name,
        "is_agent_of": my_ratings.is_agent_of,
    }


@requires("console", "read")
def missing_page(rest: str) -> None:
    raise NotFound("This page does not exist. Check the address.")


def add_headers(response: Response) -> Response:
    """Add the policy and the isolation headers.

    A person who uses the computer later must not find visitors' words in the cache or by going back.
    """
    live_address = current_app.config["TILFREDS"].live_base_url
    policy = POLICY.format(live=live_address) + ("; frame-src 'self'" if g.get("shows_frames") else "")
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers["Permissions-Policy"] = UNUSED_FEATURES
    if current_app.config["PUBLIC_URL"].startswith("https:"):
        # Once the console is reached over TLS, a stranger between must not lead a browser back to plain HTTP.
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    if response.mimetype == "text/html":
        translations.add_vary(response)
    return response
