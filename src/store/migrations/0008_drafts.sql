-- Articles that people at desks propose for FAQs. `by_id` and `by_name` are the agent's.

CREATE TABLE drafts (
    id         TEXT    NOT NULL PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    question   TEXT    NOT NULL,
    answer     TEXT    NOT NULL,
    locale     TEXT    NOT NULL,
    by_id      TEXT    NOT NULL,
    by_name    TEXT    NOT NULL,
    session    TEXT    NOT NULL,
    created    INTEGER NOT NULL,
    state      TEXT    NOT NULL,
    decided_by TEXT,
    decided    INTEGER
) STRICT;
CREATE INDEX drafts_state ON drafts (state, tenant);
