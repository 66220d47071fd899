-- What happened to requests of persons about their data (11 CCR 7101), one row for each thing. A request is the
-- fold of its rows in the order recorded. Preferences that are requests are not copied here: what the
-- business adds to one has the preference's event id as request_id.
CREATE TABLE rights_request_event (
    request_id UUID NOT NULL,
    event_id UUID NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    change VARCHAR NOT NULL,
    "by" VARCHAR NOT NULL,
    note VARCHAR,
    subject_key UUID,
    subject_type VARCHAR NOT NULL,
    nature VARCHAR,
    manner VARCHAR,
    regime VARCHAR NOT NULL,
    agent VARCHAR,
    agent_permission VARCHAR,
    preference_event_id UUID,
    verification VARCHAR,
    in_part BOOLEAN NOT NULL,
    basis VARCHAR,
    recorded_at TIMESTAMP NOT NULL
);
