-- Conversations that the connector wants left alone (`Retry-After`), and until when.

CREATE TABLE rests (
    channel      TEXT    NOT NULL,
    conversation TEXT    NOT NULL,
    until        INTEGER NOT NULL,
    PRIMARY KEY (channel, conversation)
) STRICT;
