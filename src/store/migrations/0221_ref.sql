-- Where is IT-1002? The reference is what people know of a session; it stands in the body alone.
CREATE INDEX sessions_ref ON sessions (json_extract(body, '$.ref') COLLATE NOCASE);
