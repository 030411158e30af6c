-- Something private was said: the row never holds it, and an edit of the message changes no word of the row.
ALTER TABLE transcript ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
