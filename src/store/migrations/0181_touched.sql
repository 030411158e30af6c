-- When a conversation last had a turn: one that has no journey any more goes when that is long ago. Those that are here count from now on.
ALTER TABLE conversations ADD COLUMN touched INTEGER;
UPDATE conversations SET touched = unixepoch() * 1000000000;
CREATE INDEX conversations_touched ON conversations (touched) WHERE journey IS NULL;

-- To find what hangs on a session or a conversation that goes.
CREATE INDEX outbox_conversation ON outbox (conversation);
CREATE INDEX threads_session ON threads (session);
