"""Columns, tables and indexes that the filters of lists read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0025"
down_revision = "2026_11_30_0024"
branch_labels = None
depends_on = None

ID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)
#: The polarity of each score of a scale, from its lowest score, which is 1 unless `ZERO_BASED` has it.
POLARITIES = {
    "three": "-0+",
    "thumbs": "-+",
    "five": "--0++",
    "seven": "---00++",
    "ten": "-----00+++",
    "nps": "-------00++",
    "ces": "---00++",
    "ces_reversed": "++00---",
}
ZERO_BASED = ("nps",)
#: Indexes by name: the table, the columns after the site, and the condition of a partial one.
INDEXES = {
    "ix_conversation_channel": ("conversation", ["channel", "latest_at"], None),
    **{
        f"ix_conversation_{column}": ("conversation", [column, "latest_at"], f"{column} is not null")
        for column in ("team", "case_type", "product_area", "touchpoint", "sentiment", "not_asked_reason")
    },
    "ix_conversation_not_asked": ("conversation", ["latest_at"], "not_asked_reason is not null"),
    "ix_conversation_waiting": ("conversation", ["latest_at", "waiting_until"], "waiting_until is not null"),
    "ix_conversation_recovered": ("conversation", ["latest_at"], "is_recovered is true"),
    "ix_conversation_asked_again": ("conversation", ["latest_at"], "is_asked_again is true"),
    "ix_conversation_agent_latest": ("conversation_agent", ["agent_id", "latest_at", "conversation_id"], None),
    "ix_vote_score": ("vote", ["score", "first_at"], None),
    "ix_vote_channel": ("vote", ["channel", "first_at"], None),
    "ix_vote_kind": ("vote", ["kind", "first_at"], None),
    "ix_vote_revision": ("vote", ["revision_id", "first_at"], None),
    "ix_vote_verified": ("vote", ["verified", "first_at"], None),
    "ix_vote_subject": ("vote", ["subject_id", "first_at"], "subject_id is not null"),
    "ix_vote_excluded": ("vote", ["first_at"], "excluded_at is not null"),
    "ix_vote_suspected": ("vote", ["first_at"], "suspicion_reason is not null"),
    "ix_vote_recovered": ("vote", ["first_at"], "is_recovered is true"),
}
#: Indexes that no query uses any more.
OLD_INDEXES = {
    "ix_message_agent": ("message", ["agent_id", "conversation_id"], "agent_id is not null"),
    "ix_invitation_status": ("invitation", ["status", "decided_at"], None),
    "ix_invitation_reason": ("invitation", ["reason", "segment_id"], "reason is not null"),
    "ix_vote_change_recovery": ("vote_change", ["vote_id"], "recovery is true"),
}


def upgrade() -> None:
    """Add the columns and tables, fill them from the rows, then index them."""
    add_columns()
    create_tables()
    for statement in fill_statements(op.get_bind().dialect.name):
        op.execute(statement)
    for name, (table, columns, where) in INDEXES.items():
        create_index(name, table, columns, where)
    for name, (table, _, _) in OLD_INDEXES.items():
        op.drop_index(name, table)


def downgrade() -> None:
    for name, (table, columns, where) in OLD_INDEXES.items():
        create_index(name, table, columns, where)
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(name, table)
    op.drop_table("credited_vote")
    op.drop_table("conversation_agent")
    for name in ("is_recovered", "kind"):
        op.drop_column("vote", name)
    for name in (
        *("is_asked_again", "is_recovered", "waiting_until", "not_asked_reason", "sentiment", "listed_segment_id"),
    ):
        op.drop_column("conversation", name)


def add_columns() -> None:
    op.add_column("conversation", sa.Column("listed_segment_id", ID, nullable=True))
    op.add_column("conversation", sa.Column("sentiment", sa.String(8), nullable=True))
    op.add_column("conversation", sa.Column("not_asked_reason", sa.String(40), nullable=True))
    op.add_column("conversation", sa.Column("waiting_until", MOMENT, nullable=True))
    for table, name in (
        ("conversation", "is_recovered"),
        ("conversation", "is_asked_again"),
        ("vote", "is_recovered"),
    ):
        op.add_column(table, sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("vote", sa.Column("kind", sa.String(40), server_default="conversation", nullable=False))


def create_tables() -> None:
    op.create_table(
        "conversation_agent",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=False),
        sa.Column("latest_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "conversation_id"],
            ["conversation.site_id", "conversation.id"],
            name=op.f("fk_conversation_agent_site_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "agent_id"], ["agent.site_id", "agent.id"], name=op.f("fk_conversation_agent_site_id_agent_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "conversation_id", "agent_id", name=op.f("pk_conversation_agent")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "credited_vote",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("vote_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "agent_id"], ["agent.site_id", "agent.id"], name=op.f("fk_credited_vote_site_id_agent_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "vote_id"], ["vote.site_id", "vote.id"], name=op.f("fk_credited_vote_site_id_vote_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "agent_id", "first_at", "vote_id", name=op.f("pk_credited_vote")),
        sqlite_with_rowid=False,
    )


def create_index(name: str, table: str, columns: list[str], where: str | None) -> None:
    if where is None:
        op.create_index(name, table, ["site_id", *columns])
        return
    # SQLite uses a partial index only for a query whose condition has the same words.
    on_sqlite = sa.text(where.replace("is true", "is 1"))
    op.create_index(name, table, ["site_id", *columns], sqlite_where=on_sqlite, postgresql_where=sa.text(where))


def fill_statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that derive the columns and tables from the rows, in their order."""
    return (VOTE_KINDS, RECOVERED_VOTES, conversation_columns(), CONVERSATION_AGENTS, credited_votes(dialect))


VOTE_KINDS = """
UPDATE vote SET kind = coalesce(
    (SELECT s.kind FROM subject AS s WHERE s.site_id = vote.site_id AND s.id = vote.subject_id), 'invitation')
WHERE segment_id IS NULL
"""
#: The last change of the score was a recovery.
RECOVERED_VOTES = """
UPDATE vote SET is_recovered = true
WHERE EXISTS (
    SELECT 1 FROM vote_change AS c WHERE c.site_id = vote.site_id AND c.vote_id = vote.id AND c.recovery IS TRUE
    AND NOT EXISTS (
        SELECT 1 FROM vote_change AS later WHERE later.site_id = c.site_id AND later.vote_id = c.vote_id
        AND later.version > c.version AND later.score IS DISTINCT FROM c.score))
"""
CONVERSATION_AGENTS = """
INSERT INTO conversation_agent (site_id, conversation_id, agent_id, latest_at)
SELECT DISTINCT m.site_id, m.conversation_id, m.agent_id, c.latest_at
FROM message AS m JOIN conversation AS c ON c.site_id = m.site_id AND c.id = m.conversation_id
WHERE m.agent_id IS NOT NULL
"""


def conversation_columns() -> str:
    """Return the statement that fills the columns of conversations.

    The first row of a conversation is its last decision to ask, else its last decision.
    """
    signs = " ".join(
        f"WHEN '{scale}' THEN substr('{signs}', v.score + {int(scale in ZERO_BASED)}, 1)"
        for scale, signs in POLARITIES.items()
    )
    return f"""
UPDATE conversation SET
    listed_segment_id = listed.segment_id,
    not_asked_reason = listed.reason,
    waiting_until = listed.waiting_until,
    is_asked_again = coalesce(listed.first_asked <> listed.last_asked, false),
    is_recovered = coalesce(listed.is_recovered, false),
    sentiment = CASE listed.sign WHEN '-' THEN 'negative' WHEN '0' THEN 'neutral' WHEN '+' THEN 'positive' END
FROM (
    SELECT d.*, v.is_recovered, CASE r.scale {signs} END AS sign
    FROM (
        SELECT s.site_id, s.conversation_id, i.segment_id, i.reason,
            row_number() OVER (
                PARTITION BY s.site_id, s.conversation_id
                ORDER BY CASE WHEN i.status = 'not_asked' THEN 1 ELSE 0 END, s.number DESC, i.attempt DESC) AS place,
            min(CASE WHEN i.status <> 'not_asked' THEN s.number END)
                OVER (PARTITION BY s.site_id, s.conversation_id) AS first_asked,
            max(CASE WHEN i.status <> 'not_asked' THEN s.number END)
                OVER (PARTITION BY s.site_id, s.conversation_id) AS last_asked,
            max(CASE WHEN i.status IN ('asked', 'shown') THEN i.expires_at END)
                OVER (PARTITION BY s.site_id, s.conversation_id, s.number) AS waiting_until
        FROM segment AS s JOIN invitation AS i ON i.site_id = s.site_id AND i.segment_id = s.id
    ) AS d
    LEFT JOIN vote AS v ON v.site_id = d.site_id AND v.segment_id = d.segment_id
    LEFT JOIN survey_revision AS r ON r.site_id = v.site_id AND r.id = v.revision_id
    WHERE d.place = 1
) AS listed
WHERE listed.site_id = conversation.site_id AND listed.conversation_id = conversation.id
"""  # noqa: S608 - only constants of this file


def credited_votes(dialect: str) -> str:
    """Return the statement that fills the lists of agents from the frozen contexts."""
    if dialect == "postgresql":
        agents = "jsonb_array_elements(coalesce(i.context -> 'credited', i.context -> 'agents')) AS frozen(value)"
        agent_id = "(frozen.value ->> 'id')::uuid"
    else:
        agents = "json_each(coalesce(json_extract(i.context, '$.credited'), json_extract(i.context, '$.agents')))"
        agents, agent_id = f"{agents} AS frozen", "replace(json_extract(frozen.value, '$.id'), '-', '')"
    return f"""
INSERT INTO credited_vote (site_id, agent_id, first_at, vote_id)
SELECT DISTINCT v.site_id, a.id, v.first_at, v.id
FROM vote AS v
JOIN invitation AS i ON i.site_id = v.site_id AND i.id = v.asked_id
CROSS JOIN {agents}
JOIN agent AS a ON a.site_id = v.site_id AND a.id = {agent_id}
"""  # noqa: S608 - only constants of this file
