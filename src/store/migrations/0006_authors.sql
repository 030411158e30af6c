-- Who at a desk wrote a line, by id, so that it is found when its writer edits or deletes the message in Teams.
ALTER TABLE transcript ADD COLUMN author TEXT;
CREATE INDEX transcript_author ON transcript (author, activity) WHERE author IS NOT NULL AND activity IS NOT NULL;
