-- Files that are carried between guests and desks, and what signs their links.

-- `state`: `wanted` until the other side was told, then `ready`, or `failed` when it did not arrive. `url` is where it lies: a secret, gone as
-- soon as `bytes` are here. Those stand last, so that whoever asks for the rest need not read them.
CREATE TABLE files (
    id           TEXT    PRIMARY KEY NOT NULL,
    session      TEXT    NOT NULL,
    sender       TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    content_type TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    created      INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    size         INTEGER,
    url          TEXT,
    bytes        BLOB
) STRICT;
CREATE INDEX files_wanted ON files (created) WHERE state = 'wanted';
CREATE INDEX files_expires ON files (expires);
CREATE INDEX files_session ON files (session);

-- Random bytes that every replica shares, by what they are for.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;
