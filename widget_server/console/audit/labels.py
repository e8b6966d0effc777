"""The words of the audit log's page."""

from __future__ import annotations

from ...accounts.audit import Action
from ..formatting import N_

GROUP_LABELS = {
    "sign_in": N_("Sign-ins"),
    "user": N_("Users"),
    "factor": N_("Second factors"),
    "role": N_("Roles"),
    "api_key": N_("API keys"),
    "signing_secret": N_("Signing secrets"),
    "site": N_("Sites"),
    "survey": N_("Surveys"),
    "vote": N_("Ratings"),
    "surge": N_("Surges"),
    "visitor": N_("Visitors"),
    "agent": N_("Agents"),
    "mail": N_("Mail server"),
    "audit": N_("Audit log"),
}
ACTION_LABELS: dict[Action, str] = {
    "sign_in.succeeded": N_("Signed in"),
    "sign_in.refused": N_("Sign-in refused"),
    "user.invited": N_("User invited"),
    "user.link_created": N_("Password link created"),
    "user.password_set": N_("Password set"),
    "user.disabled": N_("User disabled"),
    "user.enabled": N_("User enabled"),
    "factor.added": N_("Second factor added"),
    "factor.removed": N_("Second factor removed"),
    "factor.codes_renewed": N_("Recovery codes renewed"),
    "role.changed": N_("Role changed"),
    "api_key.created": N_("API key created"),
    "api_key.revoked": N_("API key revoked"),
    "signing_secret.created": N_("Signing secret created"),
    "signing_secret.retired": N_("Signing secret retired"),
    "site.created": N_("Site created"),
    "site.changed": N_("Site changed"),
    "site.revoked": N_("Site access revoked"),
    "site.removed": N_("Site removed"),
    "survey.created": N_("Survey created"),
    "survey.changed": N_("Survey changed"),
    "survey.published": N_("Survey published"),
    "vote.excluded": N_("Rating excluded"),
    "vote.restored": N_("Rating restored"),
    "vote.erased": N_("Words of a rating erased"),
    "surge.excluded": N_("Surge excluded"),
    "surge.kept": N_("Surge kept"),
    "visitor.erased": N_("Visitor erased"),
    "visitor.merged": N_("Visitors merged"),
    "agent.revoked": N_("Agent tokens revoked"),
    "mail.changed": N_("Mail server changed"),
    "audit.exported": N_("Audit log exported"),
}
