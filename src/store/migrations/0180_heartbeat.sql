-- One row, written now and then to see that the file can be written.
CREATE TABLE heartbeat (beats INTEGER NOT NULL) STRICT;
INSERT INTO heartbeat (beats) VALUES (0);
