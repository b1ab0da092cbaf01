-- The ledger. Standard SQL that SQLite and PostgreSQL both take: text, bigint, no defaults that
-- depend on an engine. Instants are text in UTC, `2025-08-07T04:00:00.000Z`: they sort as they are.
-- Months are text, `2025-07`. Numbers are given by the program. What is JSON holds values, never
-- sentences: people read these in their own language, worded when they are read.

-- Daemons that ran: what was watched over, and when nobody was.
CREATE TABLE sessions (
    session_id   BIGINT NOT NULL PRIMARY KEY,
    host         TEXT   NOT NULL,
    process      BIGINT NOT NULL,
    program      TEXT   NOT NULL,
    started_at   TEXT   NOT NULL,
    seen_at      TEXT   NOT NULL,              -- the last sign of life
    ended_at     TEXT                          -- NULL: still running, or killed
);

-- What each job's file promised, and from when to when. The open one (until NULL) holds now.
CREATE TABLE promises (
    job           TEXT NOT NULL,
    since         TEXT NOT NULL,
    until         TEXT,
    schedule      TEXT NOT NULL,               -- the schedule as JSON
    basis         TEXT NOT NULL,               -- what it is reckoned by as JSON: zone, deadlines
    decided_until TEXT NOT NULL,               -- every instant up to here has been decided upon
    PRIMARY KEY (job, since)
);

-- All work, whoever asked for it: an instant of a schedule, files in the inbox, a command, a
-- backfill, a piece of one.
CREATE TABLE orders (
    order_id      BIGINT NOT NULL PRIMARY KEY,
    parent_id     BIGINT,                      -- the backfill it is a piece of
    job           TEXT   NOT NULL,             -- empty for `run` without a job
    asked_by      TEXT   NOT NULL,             -- clock, catch_up, deadline, coverage, inbox, command, backfill; gap: stands for many instants
    occasion      TEXT,                        -- what makes it the only one of its job: the instant, the month of a coverage, the ends of a gap
    due_at        TEXT   NOT NULL,
    period_from   TEXT,
    period_to     TEXT,
    steps         TEXT   NOT NULL,             -- JSON: what is to be done, in order
    details       TEXT   NOT NULL,             -- JSON: of a backfill its options, of a month why it is done
    priority      BIGINT NOT NULL,
    who           TEXT   NOT NULL,
    why           TEXT,
    program       TEXT   NOT NULL,
    decided_at    TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    reasons       TEXT   NOT NULL,             -- JSON: why it waits, was skipped, was late, failed
    not_before    TEXT   NOT NULL,             -- it waits until then: a retry, a backfill that a terminal is at
    tries         BIGINT NOT NULL,             -- attempts that count
    ended_at      TEXT,
    edition       BIGINT,                      -- the newest edition when it ended
    UNIQUE (job, occasion)
);
CREATE INDEX orders_state ON orders (state);
CREATE INDEX orders_parent ON orders (parent_id);
CREATE INDEX orders_due ON orders (job, due_at);

-- One try at an order by one process.
CREATE TABLE attempts (
    order_id   BIGINT NOT NULL,
    attempt    BIGINT NOT NULL,                -- from 1
    host       TEXT   NOT NULL,
    process    BIGINT NOT NULL,
    started_at TEXT   NOT NULL,
    ended_at   TEXT,
    state      TEXT   NOT NULL,
    steps      TEXT   NOT NULL,                -- JSON: each step with its times, outcome and counts
    reasons    TEXT   NOT NULL,                -- JSON: why it failed
    PRIMARY KEY (order_id, attempt)
);
CREATE INDEX attempts_state ON attempts (state);

-- What people are to be told.
CREATE TABLE alerts (
    alert_id   BIGINT NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    subject    TEXT   NOT NULL,                -- JSON: what it is about; open alerts of one kind and subject are one
    content    TEXT   NOT NULL,                -- JSON: the values of its text
    first_at   TEXT   NOT NULL,
    last_at    TEXT   NOT NULL,
    times      BIGINT NOT NULL,                -- how often it came up
    told_at    TEXT   NOT NULL,                -- when it was last sent out: not again before a quiet time
    settled_at TEXT                            -- when it ceased to hold; at once for what merely happened
);
CREATE INDEX alerts_subject ON alerts (kind, subject);
CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject) WHERE settled_at IS NULL;

-- Which message of an alert goes to which channel, and what became of it.
CREATE TABLE deliveries (
    alert_id     BIGINT NOT NULL,
    channel      TEXT   NOT NULL,
    message      TEXT   NOT NULL,              -- alert, recovery
    state        TEXT   NOT NULL,              -- waiting, delivered, given_up
    told         BIGINT NOT NULL,              -- how many messages about the alert arrived
    attempts     BIGINT NOT NULL,              -- of this message
    not_before   TEXT   NOT NULL,
    delivered_at TEXT,
    error        TEXT,                         -- what the channel answered
    PRIMARY KEY (alert_id, channel)
);
CREATE INDEX deliveries_waiting ON deliveries (state);
