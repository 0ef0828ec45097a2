//! The catalog's schema and its migrations.
//!
//! Each entry of [`MIGRATIONS`] brings the schema from its index to the next version, inside one transaction. An older
//! catalog is brought up; a newer one is refused, untouched.

use rusqlite::Connection;

use super::CatalogError;

/// One step each.
const MIGRATIONS: [&str; 8] = [
    "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
    CREATE TABLE sweep (
        id INTEGER PRIMARY KEY,
        started INTEGER NOT NULL,          -- seconds since 1970 UTC
        ended INTEGER,
        state TEXT NOT NULL,               -- running | complete | stopped | interrupted
        roots TEXT NOT NULL,               -- JSON list
        summary TEXT                       -- JSON object
    );
    CREATE TABLE content (
        id INTEGER PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,         -- BLAKE3
        size INTEGER NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,               -- reading | done
        read_with TEXT NOT NULL,           -- stamp of the reading under way, or of the last
        generation INTEGER NOT NULL,       -- number of the reading under way, or of the last
        visible INTEGER NOT NULL DEFAULT 0,-- the last reading that was finished; 0: none
        begun TEXT NOT NULL DEFAULT '',    -- identity of the file that the reading under way began with
        limited_by TEXT,                   -- stamps of settings that the last reading fell short by: others may let it succeed
        opened_pages INTEGER,              -- in all, as the reading under way found; NULL until opened
        classified_with TEXT,
        classify_fault TEXT,               -- JSON: a limit that classification reached, or its failure
        pages INTEGER NOT NULL DEFAULT 0,
        examined INTEGER NOT NULL DEFAULT 0,
        ocr_pages INTEGER NOT NULL DEFAULT 0,
        level INTEGER NOT NULL DEFAULT 0,
        natives TEXT NOT NULL DEFAULT '[]',
        seq INTEGER NOT NULL DEFAULT 0     -- number of its last visible change
    );
    CREATE INDEX content_seq ON content (seq);
    CREATE TABLE page (
        content INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
        generation INTEGER NOT NULL,
        number INTEGER NOT NULL,
        body BLOB NOT NULL,                -- one version byte, then zstd of postcard of the page
        PRIMARY KEY (content, generation, number)
    ) WITHOUT ROWID;
    CREATE TABLE fault (
        content INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
        generation INTEGER NOT NULL,
        page INTEGER NOT NULL,             -- 0: the whole content
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (content, generation, page, reason, detail)
    ) WITHOUT ROWID;
    CREATE TABLE finding (
        content INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        detector TEXT NOT NULL,
        rule TEXT NOT NULL,
        page INTEGER NOT NULL,
        level INTEGER NOT NULL,
        confidence INTEGER NOT NULL,
        body BLOB NOT NULL,                -- postcard of the finding; its excerpt is masked
        PRIMARY KEY (content, ordinal)
    ) WITHOUT ROWID;
    CREATE TABLE location (
        path BLOB PRIMARY KEY,
        id INTEGER NOT NULL,
        zone TEXT NOT NULL,
        device INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL,
        content INTEGER REFERENCES content (id),
        fault_reason TEXT,                 -- why there is no content, or it could not be looked at this time
        fault_detail TEXT,
        verdict TEXT NOT NULL,
        decided_by TEXT NOT NULL DEFAULT '[]',
        first_sweep INTEGER NOT NULL,
        verdict_sweep INTEGER NOT NULL     -- sweep in which content or verdict last changed
    ) WITHOUT ROWID;
    CREATE INDEX location_content ON location (content);
    CREATE TABLE event (
        sweep INTEGER NOT NULL,
        kind TEXT NOT NULL,                -- new | changed | moved | copied | gone | forgotten
        path BLOB NOT NULL,
        origin BLOB,                       -- where it was moved or copied from
        PRIMARY KEY (sweep, path, kind)
    ) WITHOUT ROWID;
    INSERT INTO meta VALUES ('seq', 0), ('next_location', 1);
",
    "
    -- 0: written to so shortly before it was looked at that its times may not tell a later change
    ALTER TABLE location ADD COLUMN settled INTEGER NOT NULL DEFAULT 1;
",
    "
    ALTER TABLE location ADD COLUMN verdict_before TEXT; -- before sweep verdict_sweep; NULL: not known then
    ALTER TABLE location ADD COLUMN folder INTEGER NOT NULL DEFAULT 0; -- one that cannot be listed
    ALTER TABLE event ADD COLUMN verdict TEXT;           -- that a file had which is gone
",
    "
    -- readings or looks that ended with the fault one after the other, the first and the last of them (seconds, UTC)
    ALTER TABLE fault ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE fault ADD COLUMN first_seen INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE fault ADD COLUMN last_seen INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE location ADD COLUMN fault_attempts INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE location ADD COLUMN fault_first INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE location ADD COLUMN fault_last INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE content ADD COLUMN fruitless INTEGER NOT NULL DEFAULT 0; -- readings begun since one brought a page or an end
    ALTER TABLE content ADD COLUMN remarks TEXT NOT NULL DEFAULT '[]';   -- JSON: how it was opened
",
    "
    ALTER TABLE sweep ADD COLUMN provenance TEXT;        -- JSON: what it read with, and what held its readers
    ALTER TABLE content ADD COLUMN read_in INTEGER;      -- the sweep that made its visible reading
",
    "
    -- what a container holds, one level down
    CREATE TABLE member (
        content INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
        generation INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        member INTEGER REFERENCES content (id),
        fault_reason TEXT,                 -- why there is no content, or not all of it
        fault_detail TEXT,
        PRIMARY KEY (content, generation, ordinal)
    ) WITHOUT ROWID;
    CREATE INDEX member_member ON member (member);
    CREATE INDEX member_name ON member (content, generation, name);
    ALTER TABLE location ADD COLUMN container BLOB;      -- key of the container that it lies in; NULL: a file
    CREATE INDEX location_container ON location (container, verdict) WHERE container IS NOT NULL;
    -- 1: the reading under way found documents inside
    ALTER TABLE content ADD COLUMN opened_members INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE page ADD COLUMN label TEXT;              -- what it is called in its document
    CREATE TABLE decision (
        id INTEGER PRIMARY KEY,
        ruling TEXT NOT NULL,              -- false_positive | accepted | confirmed
        rule TEXT NOT NULL,                -- a trailing * stands for anything
        content BLOB,                      -- BLAKE3; NULL: by path
        paths TEXT,                        -- glob
        reason TEXT NOT NULL,
        made_by TEXT NOT NULL,
        made INTEGER NOT NULL,             -- seconds since 1970 UTC
        expires INTEGER,
        withdrawn INTEGER
    );
",
    "
    ALTER TABLE location ADD COLUMN named TEXT NOT NULL DEFAULT '[]'; -- JSON: what its name says, findings
",
    "
    -- What people decide may hold in one place of a content and not in another: a level is of a place.
    ALTER TABLE location ADD COLUMN level INTEGER NOT NULL DEFAULT 0;     -- of the document and of what lies in it
    ALTER TABLE location ADD COLUMN grounds TEXT NOT NULL DEFAULT '{}';   -- JSON: what verdict and level rest on
    UPDATE location SET grounds = json_object('decided_by', json(decided_by), 'named', json(named));
    UPDATE location SET level = c.level, grounds = json_set(grounds, '$.natives', json(c.natives))
        FROM content c WHERE c.id = location.content;
    ALTER TABLE location DROP COLUMN decided_by;
    ALTER TABLE location DROP COLUMN named;
    ALTER TABLE content DROP COLUMN level;
    ALTER TABLE content DROP COLUMN natives;
    ALTER TABLE decision ADD COLUMN ceiling INTEGER;     -- it holds where this level or a higher one may lie; NULL: anywhere
    DELETE FROM meta WHERE key = 'judged_with';          -- the next sweep judges everything anew
",
];

/// The version this program writes.
#[expect(clippy::cast_possible_wrap, reason = "there are few migrations")]
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings a catalog up to [`VERSION`].
pub(super) fn migrate(connection: &mut Connection) -> Result<(), CatalogError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Err(CatalogError::Newer { found, ours: VERSION });
    }
    for (index, step) in MIGRATIONS.iter().enumerate().skip(usize::try_from(found).unwrap_or_default()) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", index + 1)?;
        transaction.commit()?;
    }
    Ok(())
}
