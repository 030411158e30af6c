-- Since when a letter is tried, when somebody had it tried again: its age counts from there.
ALTER TABLE outbox ADD COLUMN revived INTEGER;

-- Letters that were never sent because what they say has lost its sense.
CREATE INDEX outbox_dropped ON outbox (seq) WHERE state = 'dropped';
