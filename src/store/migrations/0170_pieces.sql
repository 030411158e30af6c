-- Files in pieces: whoever reads one needs no more memory than a piece. What was kept before stays in `files.bytes` until it is swept.
CREATE TABLE pieces (
    file   TEXT    NOT NULL,
    number INTEGER NOT NULL,
    bytes  BLOB    NOT NULL,
    PRIMARY KEY (file, number)
) STRICT;

-- Whoever removes a file, or notes that it was not delivered, removes its pieces.
CREATE TRIGGER files_gone AFTER DELETE ON files BEGIN
    DELETE FROM pieces WHERE file = old.id;
END;
CREATE TRIGGER files_failed AFTER UPDATE OF state ON files WHEN new.state = 'failed' BEGIN
    DELETE FROM pieces WHERE file = old.id;
END;

-- Who sent it, for what one person may send in a day. Sums are read off the indexes: the rows of before hold bytes.
ALTER TABLE files ADD COLUMN person TEXT NOT NULL DEFAULT '';
CREATE INDEX files_person ON files (person, created, state, size);
CREATE INDEX files_sizes ON files (state, size);
