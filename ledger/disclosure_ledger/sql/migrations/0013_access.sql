-- Who looked whom up, when and why: a row for each look-up of a person, denied ones too.
CREATE TABLE access_log (
    request_id UUID NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    who VARCHAR NOT NULL,
    means VARCHAR NOT NULL,
    roles VARCHAR[] NOT NULL,
    route VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    result VARCHAR NOT NULL,
    subject_keys UUID[] NOT NULL,
    event_id UUID
);
