-- What hangs on a journey beside its sessions (ways back that are open), as JSON.
ALTER TABLE journeys ADD COLUMN course TEXT NOT NULL DEFAULT '{}';

-- When something is due in a conversation, in nanoseconds; null when nothing is.
ALTER TABLE conversations ADD COLUMN due INTEGER;
CREATE INDEX conversations_due ON conversations (due) WHERE due IS NOT NULL;

-- Edits and deletions by the guest.
ALTER TABLE transcript ADD COLUMN edited INTEGER;
ALTER TABLE transcript ADD COLUMN deleted INTEGER;
CREATE INDEX transcript_activity ON transcript (activity) WHERE activity IS NOT NULL;

-- Pipelines on which sessions began.
CREATE TABLE versions (
    tenant  TEXT    NOT NULL,
    version TEXT    NOT NULL,
    source  TEXT    NOT NULL,
    stored  INTEGER NOT NULL,
    PRIMARY KEY (tenant, version)
) STRICT;
