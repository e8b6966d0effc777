"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_0019"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables, each after those it refers to."""
    create_login_session()
    create_site()
    create_agent()
    create_api_key()
    create_event()
    create_invitation_tally()
    create_signing_secret()
    create_subject()
    create_survey()
    create_visitor()
    create_conversation()
    create_subject_day()
    create_survey_revision()
    create_agent_tally()
    create_segment()
    create_subject_tally()
    create_tally()
    create_invitation()
    create_message()
    create_vote()
    create_vote_change()
    create_unverified_chat_day()
    create_question_tally()
    create_sampling_count()
    create_screenshot()
    create_audit_entry()


def downgrade() -> None:
    op.drop_table("audit_entry")
    op.drop_table("screenshot")
    op.drop_table("sampling_count")
    op.drop_table("question_tally")
    op.drop_table("unverified_chat_day")
    op.drop_table("vote_change")
    op.drop_table("vote")
    op.drop_table("message")
    op.drop_table("invitation")
    op.drop_table("tally")
    op.drop_table("subject_tally")
    op.drop_table("segment")
    op.drop_table("agent_tally")
    op.drop_table("survey_revision")
    op.drop_table("subject_day")
    op.drop_table("conversation")
    op.drop_table("visitor")
    op.drop_table("survey")
    op.drop_table("subject")
    op.drop_table("signing_secret")
    op.drop_table("invitation_tally")
    op.drop_table("event")
    op.drop_table("api_key")
    op.drop_table("agent")
    op.drop_table("site")
    op.drop_table("login_session")


def create_login_session() -> None:
    op.create_table(
        "login_session",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("link_hash", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_login_session_link_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )


def create_site() -> None:
    op.create_table(
        "site",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("allowed_origins", JSON, nullable=False),
        sa.Column("article_selector", sa.String(400), nullable=False),
        sa.Column("article_share", sa.Float(), nullable=False),
        sa.Column("ask_when_unknown", sa.Boolean(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("theme", JSON, nullable=False),
        sa.Column("placement", JSON, nullable=False),
        sa.Column("adapters", JSON, server_default="{}", nullable=False),
        sa.Column("agent_origins", JSON, server_default="[]", nullable=False),
        sa.Column("credit", sa.String(10), server_default="all", nullable=False),
        sa.Column("agents_see", sa.String(10), server_default="own", nullable=False),
        sa.Column("agents_see_after_days", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("key", name=op.f("uq_site_key")),
    )


def create_agent() -> None:
    op.create_table(
        "agent",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("team", sa.String(200), nullable=True),
        sa.Column("visitor_external_id", sa.String(200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("valid_after", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_agent_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_agent")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_agent_site_id_external_id")),
    )


def create_api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_api_key_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )


def create_event() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    # Followers read below the oldest open transaction, so a row keeps the number of the one that wrote it.
    xid = sa.text("(pg_current_xact_id()::text::bigint)" if on_postgresql else "0")
    op.create_table(
        "event",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("xid", sa.BigInteger(), server_default=xid, nullable=False),
        sa.Column("site_id", ID, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("conversation_id", ID, nullable=True),
        sa.Column("segment_id", ID, nullable=True),
        sa.Column("subject_id", ID, nullable=True),
        sa.Column("vote_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_event_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_xid_id", "event", ["xid", "id"])


def create_invitation_tally() -> None:
    op.create_table(
        "invitation_tally",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_invitation_tally_site_id")),
        sa.PrimaryKeyConstraint("site_id", "decided_on", "channel", "status", name=op.f("pk_invitation_tally")),
    )


def create_signing_secret() -> None:
    op.create_table(
        "signing_secret",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("key_id", sa.String(8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_signing_secret_site_id")),
        sa.PrimaryKeyConstraint("site_id", "key_id", name=op.f("pk_signing_secret")),
    )


def create_subject() -> None:
    op.create_table(
        "subject",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_subject_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_subject")),
        sa.UniqueConstraint("site_id", "kind", "subject", name=op.f("uq_subject_site_id_kind_subject")),
    )


def create_survey() -> None:
    op.create_table(
        "survey",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("placement", sa.String(20), nullable=False),
        sa.Column("window_hours", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint("placement in ('chat_end', 'article')", name=op.f("ck_survey_placement")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_survey_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_survey")),
    )


def create_visitor() -> None:
    op.create_table(
        "visitor",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("verified_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_visitor_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_visitor")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_visitor_site_id_external_id")),
    )


def create_conversation() -> None:
    op.create_table(
        "conversation",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("external_id", sa.String(200), nullable=True),
        sa.Column("browser_hash", sa.String(64), nullable=True),
        sa.Column("unverified_id", sa.String(200), nullable=True),
        sa.Column("visitor_id", ID, nullable=True),
        sa.Column("title", sa.String(300), nullable=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("customer_reference", sa.String(200), nullable=True),
        sa.Column("case_type", sa.String(200), nullable=True),
        sa.Column("product_area", sa.String(200), nullable=True),
        sa.Column("touchpoint", sa.String(200), nullable=True),
        sa.Column("team", sa.String(200), nullable=True),
        sa.Column("language", sa.String(35), nullable=True),
        sa.Column("page", sa.String(500), nullable=True),
        sa.Column("custom_fields", JSON, nullable=False),
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("escalated_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("latest_at", MOMENT, nullable=False),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.Column("unread_since", MOMENT, nullable=True),
        sa.CheckConstraint("channel in ('chat', 'phone', 'email', 'in_person')", name=op.f("ck_conversation_channel")),
        sa.CheckConstraint("external_id is not null or browser_hash is not null", name=op.f("ck_conversation_named")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_conversation_site_id")),
        sa.ForeignKeyConstraint(
            ["site_id", "visitor_id"],
            ["visitor.site_id", "visitor.id"],
            name=op.f("fk_conversation_site_id_visitor_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("site_id", "browser_hash", name=op.f("uq_conversation_site_id_browser_hash")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_conversation_site_id_external_id")),
    )
    op.create_index("ix_conversation_latest", "conversation", ["site_id", "latest_at"])
    create_partial_index("ix_conversation_unread", "conversation", ["site_id", "latest_at"], "unread_since is not null")


def create_subject_day() -> None:
    op.create_table(
        "subject_day",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shown_count", sa.Integer(), nullable=False),
        sa.Column("dismissed_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "subject_id"], ["subject.site_id", "subject.id"], name=op.f("fk_subject_day_site_id_subject_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "subject_id", "day", name=op.f("pk_subject_day")),
    )


def create_survey_revision() -> None:
    op.create_table(
        "survey_revision",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("survey_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("look", sa.String(20), nullable=False),
        sa.Column("scale", sa.String(20), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "survey_id"], ["survey.site_id", "survey.id"], name=op.f("fk_survey_revision_site_id_survey_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_survey_revision")),
        sa.UniqueConstraint("site_id", "survey_id", "number", name=op.f("uq_survey_revision_site_id_survey_id_number")),
    )


def create_agent_tally() -> None:
    op.create_table(
        "agent_tally",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=False),
        sa.Column("revision_id", ID, nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "agent_id"], ["agent.site_id", "agent.id"], name=op.f("fk_agent_tally_site_id_agent_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "revision_id"],
            ["survey_revision.site_id", "survey_revision.id"],
            name=op.f("fk_agent_tally_site_id_revision_id"),
        ),
        sa.PrimaryKeyConstraint(
            "site_id",
            "agent_id",
            "voted_on",
            "revision_id",
            "score",
            "status",
            "verified",
            name=op.f("pk_agent_tally"),
        ),
    )


def create_segment() -> None:
    op.create_table(
        "segment",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(40), nullable=True),
        sa.Column("closer_agent_id", ID, nullable=True),
        sa.Column("pin_message_id", ID, nullable=True),
        sa.Column("pinned_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id", "conversation_id"],
            ["conversation.site_id", "conversation.id"],
            name=op.f("fk_segment_site_id_conversation_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_segment")),
        sa.UniqueConstraint(
            "site_id", "conversation_id", "number", name=op.f("uq_segment_site_id_conversation_id_number")
        ),
    )


def create_subject_tally() -> None:
    op.create_table(
        "subject_tally",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=False),
        sa.Column("revision_id", ID, nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "revision_id"],
            ["survey_revision.site_id", "survey_revision.id"],
            name=op.f("fk_subject_tally_site_id_revision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "subject_id"],
            ["subject.site_id", "subject.id"],
            name=op.f("fk_subject_tally_site_id_subject_id"),
        ),
        sa.PrimaryKeyConstraint(
            "site_id",
            "subject_id",
            "voted_on",
            "revision_id",
            "score",
            "status",
            "verified",
            name=op.f("pk_subject_tally"),
        ),
    )


def create_tally() -> None:
    op.create_table(
        "tally",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=False),
        sa.Column("revision_id", ID, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "revision_id"],
            ["survey_revision.site_id", "survey_revision.id"],
            name=op.f("fk_tally_site_id_revision_id"),
        ),
        sa.PrimaryKeyConstraint(
            "site_id", "voted_on", "revision_id", "channel", "score", "status", "verified", name=op.f("pk_tally")
        ),
    )


def create_invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("segment_id", ID, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("visitor_id", ID, nullable=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("proof", sa.String(12), nullable=False),
        sa.Column("revision_id", ID, nullable=True),
        sa.Column("context", JSON, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("shown_at", MOMENT, nullable=True),
        sa.Column("dismissed_at", MOMENT, nullable=True),
        sa.Column("voted_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("external_id", sa.String(200), nullable=True),
        sa.CheckConstraint("(status = 'not_asked') = (reason is not null)", name=op.f("ck_invitation_reason")),
        sa.CheckConstraint(
            "status in ('asked', 'shown', 'voted', 'dismissed', 'withdrawn', 'expired', 'not_asked')",
            name=op.f("ck_invitation_status"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_invitation_site_id")),
        sa.ForeignKeyConstraint(
            ["site_id", "revision_id"],
            ["survey_revision.site_id", "survey_revision.id"],
            name=op.f("fk_invitation_site_id_revision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "segment_id"], ["segment.site_id", "segment.id"], name=op.f("fk_invitation_site_id_segment_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "visitor_id"], ["visitor.site_id", "visitor.id"], name=op.f("fk_invitation_site_id_visitor_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("site_id", "segment_id", "attempt", name=op.f("uq_invitation_site_id_segment_id_attempt")),
    )
    op.create_index("ix_invitation_asked", "invitation", ["site_id", "decided_at"])
    op.create_index("ix_invitation_status", "invitation", ["site_id", "status", "decided_at"])
    op.create_index("ix_invitation_visitor", "invitation", ["site_id", "visitor_id", "shown_at"])
    op.create_index("ix_invitation_external", "invitation", ["site_id", "external_id"], unique=True)
    unanswered = "status in ('asked', 'shown', 'dismissed')"
    create_partial_index("ix_invitation_due", "invitation", ["site_id", "expires_at"], unanswered)
    by_reason = ["site_id", "reason", "segment_id"]
    create_partial_index("ix_invitation_reason", "invitation", by_reason, "reason is not null")


def create_message() -> None:
    op.create_table(
        "message",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("segment_id", ID, nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("author", sa.String(10), nullable=False),
        sa.Column("agent_id", ID, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("author in ('visitor', 'agent', 'bot', 'system')", name=op.f("ck_message_author")),
        sa.ForeignKeyConstraint(
            ["site_id", "agent_id"], ["agent.site_id", "agent.id"], name=op.f("fk_message_site_id_agent_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "conversation_id"],
            ["conversation.site_id", "conversation.id"],
            name=op.f("fk_message_site_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "segment_id"], ["segment.site_id", "segment.id"], name=op.f("fk_message_site_id_segment_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "site_id", "conversation_id", "external_id", name=op.f("uq_message_site_id_conversation_id_external_id")
        ),
    )
    op.create_index("ix_message_segment", "message", ["site_id", "segment_id", "sent_at"])
    by_agent = ["site_id", "agent_id", "conversation_id"]
    create_partial_index("ix_message_agent", "message", by_agent, "agent_id is not null")


def create_vote() -> None:
    op.create_table(
        "vote",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("segment_id", ID, nullable=True),
        sa.Column("invitation_id", ID, nullable=True),
        sa.Column("subject_id", ID, nullable=True),
        sa.Column("voter", sa.String(80), nullable=True),
        sa.Column("asked_id", ID, nullable=True),
        sa.Column("visitor_id", ID, nullable=True),
        sa.Column("client_hash", sa.String(64), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("revision_id", ID, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("intended_at", MOMENT, nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(35), nullable=True),
        sa.Column("page", sa.String(500), nullable=True),
        sa.Column("excluded_at", MOMENT, nullable=True),
        sa.Column("excluded_by", sa.String(200), nullable=True),
        sa.Column("exclusion_reason", sa.String(500), nullable=True),
        sa.Column("suspicion_reason", sa.String(200), nullable=True),
        sa.Column("outcomes", JSON, server_default="{}", nullable=False),
        sa.Column("comment_folded", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(case when segment_id is null then 0 else 1 end) + (case when invitation_id is null then 0 else 1 "
            "end) + (case when subject_id is null then 0 else 1 end) = 1",
            name=op.f("ck_vote_one_target"),
        ),
        sa.CheckConstraint("(subject_id is null) = (voter is null)", name=op.f("ck_vote_voter")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_vote_site_id")),
        sa.ForeignKeyConstraint(
            ["site_id", "asked_id"], ["invitation.site_id", "invitation.id"], name=op.f("fk_vote_site_id_asked_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "invitation_id"],
            ["invitation.site_id", "invitation.id"],
            name=op.f("fk_vote_site_id_invitation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "revision_id"],
            ["survey_revision.site_id", "survey_revision.id"],
            name=op.f("fk_vote_site_id_revision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "segment_id"], ["segment.site_id", "segment.id"], name=op.f("fk_vote_site_id_segment_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "subject_id"], ["subject.site_id", "subject.id"], name=op.f("fk_vote_site_id_subject_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "visitor_id"], ["visitor.site_id", "visitor.id"], name=op.f("fk_vote_site_id_visitor_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_vote")),
        sa.UniqueConstraint("site_id", "invitation_id", name=op.f("uq_vote_site_id_invitation_id")),
        sa.UniqueConstraint("site_id", "segment_id", name=op.f("uq_vote_site_id_segment_id")),
        sa.UniqueConstraint("site_id", "subject_id", "voter", name=op.f("uq_vote_site_id_subject_id_voter")),
    )
    op.create_index("ix_vote_first", "vote", ["site_id", "first_at"])
    create_partial_index("ix_vote_commented", "vote", ["site_id", "segment_id"], "comment_folded is not null")


def create_vote_change() -> None:
    op.create_table(
        "vote_change",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("vote_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("client_hash", sa.String(64), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("recovery", sa.Boolean(), nullable=False),
        sa.Column("intended_at", MOMENT, nullable=False),
        sa.Column("stored_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "vote_id"], ["vote.site_id", "vote.id"], name=op.f("fk_vote_change_site_id_vote_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "vote_id", "version", name=op.f("pk_vote_change")),
        sqlite_with_rowid=False,
    )
    create_partial_index("ix_vote_change_recovery", "vote_change", ["site_id", "vote_id"], "recovery is true")


def create_unverified_chat_day() -> None:
    op.create_table(
        "unverified_chat_day",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_unverified_chat_day_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_unverified_chat_day")),
    )


def create_question_tally() -> None:
    op.create_table(
        "question_tally",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("revision_id", ID, nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=False),
        sa.Column("question", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "revision_id"],
            ["survey_revision.site_id", "survey_revision.id"],
            name=op.f("fk_question_tally_site_id_revision_id"),
        ),
        sa.PrimaryKeyConstraint(
            "site_id", "revision_id", "voted_on", "question", "outcome", "status", name=op.f("pk_question_tally")
        ),
    )


def create_sampling_count() -> None:
    op.create_table(
        "sampling_count",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_sampling_count_site_id")),
        sa.PrimaryKeyConstraint("site_id", "channel", name=op.f("pk_sampling_count")),
    )


def create_screenshot() -> None:
    op.create_table(
        "screenshot",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("vote_id", ID, nullable=False),
        sa.Column("name", sa.String(22), nullable=False),
        sa.Column("sent_hash", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "vote_id"], ["vote.site_id", "vote.id"], name=op.f("fk_screenshot_site_id_vote_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "vote_id", name=op.f("pk_screenshot")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_screenshot_site_id_name")),
    )


def create_audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("target", sa.String(200), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_audit_entry_site_id")),
        sa.PrimaryKeyConstraint("site_id", "number", name=op.f("pk_audit_entry")),
    )


def create_partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    # SQLite uses a partial index only for a query whose condition has the same words.
    on_sqlite = sa.text(where.replace("is true", "is 1"))
    op.create_index(name, table, columns, sqlite_where=on_sqlite, postgresql_where=sa.text(where))
