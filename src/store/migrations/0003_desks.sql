-- The desks of human agents: threads in channels, who is connected, and who has taken which chat.

-- The conversation in which a letter's activity stands, when it is not the letter's own.
ALTER TABLE outbox ADD COLUMN place TEXT;

-- Whose session is handled in a thread that a letter opened.
CREATE TABLE threads (
    place        TEXT PRIMARY KEY NOT NULL,
    session      TEXT NOT NULL,
    channel      TEXT NOT NULL,
    conversation TEXT NOT NULL
) STRICT;

-- The channel in which a tenant's agents work.
CREATE TABLE desks (
    tenant TEXT PRIMARY KEY NOT NULL,
    body   TEXT NOT NULL
) STRICT;

-- One-time codes, as hashes; times are `until` in nanoseconds.
CREATE TABLE codes (
    hash   TEXT    PRIMARY KEY NOT NULL,
    tenant TEXT    NOT NULL UNIQUE,
    until  INTEGER NOT NULL
) STRICT;

-- The agents whose desk is their personal chat.
CREATE TABLE agents (
    id   TEXT PRIMARY KEY NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- Which agent has which session.
CREATE TABLE claims (
    session TEXT PRIMARY KEY NOT NULL,
    agent   TEXT NOT NULL
) STRICT;
CREATE INDEX claims_agent ON claims (agent);

-- Takes no row, like `conflicts`: a script that tries to put one here has given an agent too many chats.
CREATE TABLE overfull (never INTEGER CONSTRAINT overfull CHECK (0)) STRICT;
