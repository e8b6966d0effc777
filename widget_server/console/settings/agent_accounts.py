"""Link an agent of a site to an account by an e-mail address."""

from __future__ import annotations

from uuid import UUID

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from ...accounts import users
from ...auth import audit_trail
from ...auth.access import requires
from ...conversations.models import Agent
from ...conversations.service import put_agent
from ...core.errors import Conflict, Invalid, NotFound
from ...storage.db import db
from ..sign_in.views import check_form
from ..sites.views import site_of
from .views import render_group


@requires("console", "write", right="manage_sites")
def link_agent(key: str, agent_id: UUID) -> Response:
    """Store the e-mail address of an agent, whose user sees the agent's ratings; an empty one removes it."""
    check_form()
    site = site_of(key)
    agent = db.session.get(Agent, (site.id, agent_id))
    if agent is None:
        raise NotFound("The site has no such agent.")
    typed_email, before = request.form.get("email", "").strip(), {"email": agent.email}
    try:
        email = users.to_email(typed_email) if typed_email else ""
        put_agent(site, agent.external_id, email=email)
    except (Invalid, Conflict) as error:
        db.session.rollback()
        problem = {"agent_id": agent_id, "email": typed_email, "detail": error.detail}
        return make_response(render_group(site, "agents", agent_problem=problem), error.status)
    audit_trail.record_change(
        "agent.linked", f"agent {agent.external_id}", before, {"email": agent.email}, site_id=site.id
    )
    db.session.commit()
    return redirect(url_for("console.settings_agents", key=site.key, agent=agent.external_id), 303)
