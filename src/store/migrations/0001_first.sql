-- The words of src/model as tables. Columns exist for what is searched, joined or counted; everything else is JSON in `body`.
-- Instants are nanoseconds since 1970 (`datetime(started / 1000000000, 'unixepoch')` shows them). Ids are text as the API shows it.

-- "SWBD": tells our files from those of other programs.
PRAGMA application_id = 1398227524;

CREATE TABLE conversations (
    channel     TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    service_url TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    journey     TEXT,
    PRIMARY KEY (channel, id)
) STRICT;

-- The guest is the one of the journey's latest turn, so that what was learnt later is found too.
CREATE TABLE journeys (
    id           TEXT PRIMARY KEY NOT NULL,
    channel      TEXT NOT NULL,
    conversation TEXT NOT NULL,
    guest_id     TEXT NOT NULL,
    guest_aad    TEXT,
    guest        TEXT NOT NULL
) STRICT;
CREATE INDEX journeys_conversation ON journeys (conversation);
CREATE INDEX journeys_guest_id ON journeys (guest_id);
CREATE INDEX journeys_guest_aad ON journeys (guest_aad) WHERE guest_aad IS NOT NULL;

CREATE TABLE sessions (
    id       TEXT    PRIMARY KEY NOT NULL,
    journey  TEXT    NOT NULL,
    position INTEGER NOT NULL,
    tenant   TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    live     INTEGER NOT NULL,
    started  INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE INDEX sessions_journey ON sessions (journey, position);
CREATE INDEX sessions_started ON sessions (started, id);
CREATE INDEX sessions_tenant ON sessions (tenant, started, id);
CREATE INDEX sessions_state ON sessions (state, started, id);
CREATE INDEX sessions_tenant_state ON sessions (tenant, state, started, id);
CREATE INDEX sessions_live ON sessions (tenant, state) WHERE live = 1;

CREATE TABLE hops (
    journey  TEXT    NOT NULL,
    position INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (journey, position)
) STRICT;

CREATE TABLE flow (
    seq     INTEGER PRIMARY KEY,
    session TEXT    NOT NULL,
    stage   TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    "exit"  TEXT
) STRICT;
CREATE INDEX flow_session ON flow (session, seq);

CREATE TABLE transcript (
    seq      INTEGER PRIMARY KEY,
    session  TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    who      TEXT    NOT NULL,
    name     TEXT,
    text     TEXT    NOT NULL,
    card     TEXT,
    activity TEXT,
    letter   TEXT
) STRICT;
CREATE INDEX transcript_session ON transcript (session, seq);

-- `body` is emptied once the letter is sent: the transcript holds what was said. `activity` is what the connector answered.
CREATE TABLE outbox (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT    NOT NULL UNIQUE,
    channel      TEXT    NOT NULL,
    conversation TEXT    NOT NULL,
    service_url  TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    body         TEXT,
    state        TEXT    NOT NULL,
    attempts     INTEGER NOT NULL,
    created      INTEGER NOT NULL,
    changed      INTEGER NOT NULL,
    error        TEXT,
    activity     TEXT
) STRICT;
-- Partial: the many sent letters cost nothing here.
CREATE INDEX outbox_pending ON outbox (channel, conversation, seq) WHERE state = 'pending';
CREATE INDEX outbox_dead ON outbox (seq) WHERE state = 'dead';

-- Times are `until` in the same nanoseconds.
CREATE TABLE seen (
    channel      TEXT    NOT NULL,
    conversation TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT,
    until        INTEGER NOT NULL,
    PRIMARY KEY (channel, conversation, key)
) STRICT;
CREATE INDEX seen_until ON seen (until);

CREATE TABLE counters (
    name TEXT    PRIMARY KEY NOT NULL,
    next INTEGER NOT NULL
) STRICT;
INSERT INTO counters (name, next) VALUES ('reference', 1001);
