-- Answers from FAQs that were shown to guests, and what became of them. `tenant` is the one whose article it is.

CREATE TABLE answers (
    seq     INTEGER PRIMARY KEY,
    session TEXT    NOT NULL,
    tenant  TEXT    NOT NULL,
    article TEXT    NOT NULL,
    verdict TEXT    NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX answers_at ON answers (at);
CREATE INDEX answers_session ON answers (session);
