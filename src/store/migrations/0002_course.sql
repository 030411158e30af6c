-- What hangs on a journey beside its sessions, time that passes, pipelines that were, and lines that guests change.

-- JSON; NULL while nothing hangs on it.
ALTER TABLE journeys ADD COLUMN course TEXT;

-- The earliest instant at which something is due.
ALTER TABLE conversations ADD COLUMN due INTEGER;
CREATE INDEX conversations_due ON conversations (due) WHERE due IS NOT NULL;

-- When the guest edited the line, and when they deleted it: then `text` is empty and `card` NULL.
ALTER TABLE transcript ADD COLUMN edited INTEGER;
ALTER TABLE transcript ADD COLUMN deleted INTEGER;
CREATE INDEX transcript_guest ON transcript (activity) WHERE who = 'guest' AND activity IS NOT NULL;

-- A tenant's pipelines as they were when a session began on them.
CREATE TABLE versions (
    tenant  TEXT    NOT NULL,
    version TEXT    NOT NULL,
    source  TEXT    NOT NULL,
    stored  INTEGER NOT NULL,
    PRIMARY KEY (tenant, version)
) STRICT;

-- Takes no row. A script that tries to put one here ends at that place: somebody else was faster.
CREATE TABLE conflicts (never INTEGER CHECK (0)) STRICT;
