"""Sign in at the OpenID Connect provider of the server. It needs no script.

The browser leaves with a link and returns to a page whose form posts, because a GET must not write. The form is one of
the console, so the cookies of the attempt and of the session belong to no request from another site.
"""

from __future__ import annotations

import logging

from flask import current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from ...accounts.models import User
from ...accounts.oidc import flow, people
from ...accounts.oidc import provider as providers
from ...accounts.oidc.attempt import (
    TRY_AGAIN,
    Purpose,
    authorization_address,
    read_attempt,
    seal_attempt,
    start_attempt,
)
from ...accounts.oidc.flow import Answer
from ...accounts.oidc.id_token import Claims
from ...accounts.oidc.people import Person
from ...accounts.oidc.provider import ProviderError
from ...accounts.oidc.settings import OidcSettings, find_settings
from ...accounts.second_step import FirstStep
from ...accounts.sessions import is_used
from ...auth.access import requires
from ...auth.csrf import refuse_foreign_post
from ...core import clock
from ...core.errors import DomainError, NotFound, Unauthorized
from ...core.marked_texts import N_
from ...sites.queries import living_site_ids
from ...storage import group_commit
from ...storage.db import db
from ...web import rate_limits
from ...web.client_address import client_network
from .cookie import attempt_cookie, delete_attempt_cookie, set_attempt_cookie
from .limits import WINDOW_MINUTES
from .local_path import to_local_path
from .refusal import refuse, refuse_and_record
from .start import finish_first_step

log = logging.getLogger("tilfreds.access")

CALLBACK_PATH = "/console/sign-in/single-sign-on/callback"
MAX_PARAMETER_LENGTH = 4_000
#: Steps from one address within `WINDOW_MINUTES`. The provider limits guesses; an office may share an address.
STEPS_PER_SOURCE = 240
#: The parameters of the redirect back that the form posts.
PARAMETERS = ("state", "code", "iss", "error")
UNREACHABLE = N_("Single sign-on does not work at the moment. Sign in with your password, or ask an owner.")
NO_ROLE = N_("Your account has no role here. Ask an owner.")


@requires("anyone", "read")
def start_sign_on() -> Response:
    """Lead the browser to the provider."""
    next_path = to_local_path(request.args.get("next", ""))
    try:
        rate_limits.hit_minutes("sign-on source", client_network(), STEPS_PER_SOURCE, WINDOW_MINUTES)
        return redirect_to_provider("sign_in", next_path)
    except ProviderError as error:
        return refuse(_sign_in_page(UNREACHABLE, next_path), _to_refusal(error))
    except DomainError as error:
        return refuse(_sign_in_page(error.detail, next_path), error)


def redirect_to_provider(purpose: Purpose, next_path: str) -> Response:
    """Return the redirect to the provider, with the cookie that binds the attempt to this browser.

    Raises:
        NotFound: no provider is set up.
        ProviderError: the provider cannot be reached.
        Unavailable: too many people are signing in.
    """
    settings = _load_settings()
    with providers.provider_slot():
        provider = providers.find_provider(settings)
    attempt = start_attempt(settings, purpose, next_path, clock.now())
    response = redirect(authorization_address(provider, attempt, callback_address()), 303)
    set_attempt_cookie(response, seal_attempt(current_app.config["SECRET_KEYS"], attempt))
    return response


@requires("anyone", "read")
def sign_on_callback() -> str:
    """Show the form that posts what the provider sent; a script sends it at once."""
    parameters = {name: request.args.get(name, "")[:MAX_PARAMETER_LENGTH] for name in PARAMETERS}
    is_test = parameters["state"].startswith("test.")
    return render_template("console/sign_on_callback.html", parameters=parameters, is_test=is_test)


@requires("anyone", "write", runs_again=False)
def finish_sign_on() -> Response:
    """Start a session for the person whom the provider names, or show the sign-in page with the reason."""
    refuse_foreign_post()
    try:
        rate_limits.hit_minutes("sign-on source", client_network(), STEPS_PER_SOURCE, WINDOW_MINUTES)
        settings, claims, step = read_answer("sign_in")
        response = group_commit.retry(lambda: _admit(settings, claims, step), db.session.rollback)
    except ProviderError as error:
        response = refuse_and_record(_sign_in_page(UNREACHABLE), _to_refusal(error), "", method="single sign-on")
    except DomainError as error:
        response = refuse(_sign_in_page(error.detail), error)
    delete_attempt_cookie(response)
    return response


def read_answer(purpose: Purpose) -> tuple[OidcSettings, Claims, tuple[str, str]]:
    """Return the settings, the claims of the person, and the path and the hash of the attempt; nothing is locked.

    Raises:
        Unauthorized: the answer does not belong to an attempt of this browser.
        ProviderError: the answer is not acceptable.
        Unavailable: too many people are signing in.
    """
    fields = {name: request.form.get(name, "")[:MAX_PARAMETER_LENGTH] for name in PARAMETERS}
    cookie_value = request.cookies.get(attempt_cookie(), "")
    attempt = read_attempt(current_app.config["SECRET_KEYS"], cookie_value, fields["state"], clock.now())
    if attempt.purpose != purpose:
        raise Unauthorized("This answer belongs to another page. Sign in again.", code="sign_on_expired")
    settings = _load_settings()
    answer = Answer(fields["code"], fields["iss"], fields["error"])
    with providers.provider_slot():
        claims = flow.fetch_claims(settings, attempt, answer, redirect_uri=callback_address(), now=clock.now())
    return settings, claims, (attempt.next_path, attempt.state_hash)


def person_of(settings: OidcSettings, claims: Claims) -> Person:
    return people.to_person(settings, claims, living_site_ids())


def callback_address() -> str:
    """Return the redirect URI, which the provider has to allow."""
    base_url: str = current_app.config["TILFREDS"].base_url
    return base_url + CALLBACK_PATH


def _admit(settings: OidcSettings, claims: Claims, step: tuple[str, str]) -> Response:
    """Open the session; commits. Roles that have ended are removed also if the person is refused."""
    person, refusal = person_of(settings, claims), Unauthorized(NO_ROLE, code="sign_on_refused")
    user: User | None = None
    try:
        if is_used(step[1]):
            raise Unauthorized(TRY_AGAIN, code="sign_on_expired")
        user = people.admit(settings, person, clock.now())
        db.session.commit()
    except Unauthorized as error:
        refusal = error
    if user is not None:
        return finish_first_step(FirstStep(user, *step))
    return refuse_and_record(
        _sign_in_page(refusal.detail), refusal, person.email, method="single sign-on", reason=refusal.detail
    )


def _load_settings() -> OidcSettings:
    """Return the settings, and release the database: nothing waits for the provider inside a transaction."""
    settings = find_settings(current_app.config["TILFREDS"])
    db.session.rollback()
    if settings is None:
        raise NotFound("Single sign-on is not set up.")
    return settings


def _to_refusal(error: ProviderError) -> Unauthorized:
    log.warning("single sign-on failed: %s", error)
    return Unauthorized(UNREACHABLE, code="sign_on_failed")


def _sign_in_page(problem: str, next_path: str = "") -> str:
    db.session.rollback()
    return render_template("console/sign_in.html", next_path=next_path, problem=problem)
