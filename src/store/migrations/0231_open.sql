-- The journeys that go on beside the present one, oldest first: a JSON list of ids. A message that was left for a desk no longer locks the chat.
ALTER TABLE conversations ADD COLUMN open TEXT;
