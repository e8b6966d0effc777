"""The commands for the users of the console."""

import click
from sqlalchemy import select

from ..accounts import account_links, account_mails, account_trail, factors, users
from ..accounts.actors import command_actor
from ..accounts.models import User
from ..accounts.roles import ROLES, memberships_by_user, to_role
from ..conversations.agents import find_agent_id
from ..core import clock
from ..core.config import Config
from ..core.errors import CommandError
from ..outbound.mails import Mailer
from ..sites.models import Site
from ..storage.db import db
from .context import reading, require_site, writing

AGENT_HELP = "The agent of the site whom the user is; default: the one with the same e-mail address."


@click.group()
def user() -> None:
    """Manage the users of the console and their roles."""


@user.command()
@click.argument("email")
@click.option("--name", default="", help="The person's name; default: the part of EMAIL before @.")
@click.option("--role", type=click.Choice(ROLES), default="owner", show_default=True, help="What the user may do.")
@click.option("--site", "site_key", default=None, help="The site of the role; default: all sites.")
@click.option("--agent", default="", help=AGENT_HELP)
def add(email: str, name: str, role: str, site_key: str | None, agent: str) -> None:
    """Invite a user and print the link that sets a password, once within seven days."""
    body = {"email": email, "name": name, "role": role, "site": site_key, "agent": agent or None}
    with writing("POST /users", body) as config:
        site_id = require_site(site_key).id if site_key else None
        new_user = users.create_user(email, name, to_role(role), site_id, find_agent_id(site_id, agent))
        link = _make_link(config, new_user)
        account_trail.record_invitation(new_user, role, site_id, by=command_actor())
        db.session.commit()
        click.echo(link)


@user.command(name="list")
def list_users() -> None:
    """List all users with their roles; a role at one site has the site's key."""
    with reading():
        keys = {site.id: site.key for site in db.session.execute(select(Site.id, Site.key))}
        memberships, with_factor = memberships_by_user(), factors.users_with_factor()
        for one in users.list_users():
            roles = " ".join(
                f"{membership.role}:{'all' if membership.site_id is None else keys[membership.site_id]}"
                for membership in memberships.get(one.id, [])
            )
            status = "  (disabled)" if one.disabled_at else "" if one.password_hash else "  (invited)"
            factor = "  (second factor)" if one.id in with_factor else ""
            click.echo(f"{one.email}  {roles or 'no role'}{status}{factor}")


@user.command()
@click.argument("email")
def link(email: str) -> None:
    """Print a link that sets a new password of the user EMAIL, once within an hour."""
    with writing(f"POST /users/{_find_id(email)}/links", {}) as config:
        one = _require_user(email)
        address = _make_link(config, one)
        account_trail.record_link(one, by=command_actor())
        db.session.commit()
        click.echo(address)


@user.command()
@click.argument("email")
@click.argument("role_name", metavar="ROLE", type=click.Choice([*ROLES, "none"]))
@click.option("--site", "site_key", default=None, help="The site of the role; default: all sites.")
@click.option("--agent", default="", help=AGENT_HELP)
def role(email: str, role_name: str, site_key: str | None, agent: str) -> None:
    """Set the role of the user EMAIL; `none` removes it. Ends the user's sessions."""
    new_role = None if role_name == "none" else to_role(role_name)
    with writing(f"PUT /users/{_find_id(email)}/role", {"role": new_role, "site": site_key, "agent": agent or None}):
        site_id = require_site(site_key).id if site_key else None
        one = _require_user(email)
        with account_trail.role_change(one, site_id, by=command_actor()):
            users.set_role(one, new_role, site_id, clock.now(), agent_id=find_agent_id(site_id, agent))
        db.session.commit()
        click.echo("Saved.")


@user.command()
@click.argument("email")
def disable(email: str) -> None:
    """Stop the user EMAIL from signing in, and end the user's sessions."""
    _set_disabled(email, True)


@user.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let the user EMAIL sign in again."""
    _set_disabled(email, False)


@user.command("remove-factors")
@click.argument("email")
def remove_factors(email: str) -> None:
    """Remove all second factors of the user EMAIL, who lost them, and end the user's sessions."""
    with writing(f"DELETE /users/{_find_id(email)}/factors", {}) as config:
        one = _require_user(email)
        factors.remove_all(one, clock.now())
        account_mails.notify_change(Mailer(config), one, "factor_removed", clock.now())
        account_trail.record_factor(one, "factor.removed", by=command_actor(), name="all")
        db.session.commit()
        click.echo("Removed. The password alone signs in now.")


def _make_link(config: Config, one: User) -> str:
    """Return a new link, and store its mail, which the next server sends."""
    now = clock.now()
    address, expires_at = account_links.create_link(config.base_url, one, now)
    account_mails.send_link(Mailer(config), one, address, now, expires_at)
    return address


def _set_disabled(email: str, is_disabled: bool) -> None:
    with writing(f"PATCH /users/{_find_id(email)}", {"disabled": is_disabled}):
        one = _require_user(email)
        users.set_disabled(one, is_disabled, clock.now())
        account_trail.record_access(one, is_disabled, by=command_actor())
        db.session.commit()
        click.echo("Disabled." if is_disabled else "Enabled.")


def _find_id(email: str) -> str:
    """Return the id of a user, which the API call to print needs."""
    with reading():
        return str(_require_user(email).id)


def _require_user(email: str) -> User:
    found_user = users.find_user(email)
    if found_user is None:
        raise CommandError(f"No user has the address {email}; run `tilfreds user list` to see all users.")
    return found_user
