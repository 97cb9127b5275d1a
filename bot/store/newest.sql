CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE post (
	id INTEGER NOT NULL, 
	source VARCHAR(32) NOT NULL, 
	external_id VARCHAR(512) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	title TEXT NOT NULL, 
	text TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	venue VARCHAR(256) NOT NULL, 
	author VARCHAR(256), 
	role VARCHAR(8) NOT NULL, 
	url TEXT, 
	parent_id VARCHAR(512), 
	updated_at DATETIME, 
	score INTEGER, 
	reply_count INTEGER, 
	state VARCHAR(32), 
	labels JSON NOT NULL, 
	duplicate_of VARCHAR(512), 
	link TEXT, 
	fingerprint VARCHAR(32) NOT NULL, root_id VARCHAR(512), milestone VARCHAR(256), closes JSON DEFAULT '[]' NOT NULL, visibility VARCHAR(8) DEFAULT 'public' NOT NULL, origin VARCHAR(128), checked_at DATETIME, closed_at DATETIME, code TEXT, 
	CONSTRAINT pk_post PRIMARY KEY (id), 
	CONSTRAINT uq_post_source_external_id UNIQUE (source, external_id)
);

CREATE INDEX ix_post_created_at ON post (created_at);

CREATE TABLE vector (
	post_id INTEGER NOT NULL, 
	embedder VARCHAR(64) NOT NULL, 
	"row" BLOB NOT NULL, 
	CONSTRAINT pk_vector PRIMARY KEY (post_id), 
	CONSTRAINT fk_vector_post_id_post FOREIGN KEY(post_id) REFERENCES post (id) ON DELETE CASCADE
);

CREATE TABLE link (
	post_id INTEGER NOT NULL, 
	target_id INTEGER NOT NULL, 
	how VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_link PRIMARY KEY (post_id, target_id), 
	CONSTRAINT fk_link_post_id_post FOREIGN KEY(post_id) REFERENCES post (id) ON DELETE CASCADE, 
	CONSTRAINT fk_link_target_id_post FOREIGN KEY(target_id) REFERENCES post (id) ON DELETE CASCADE
);

CREATE INDEX ix_link_target_id ON link (target_id);

CREATE TABLE placement (
	post_id INTEGER NOT NULL, 
	theme INTEGER, 
	centrality FLOAT NOT NULL, 
	CONSTRAINT pk_placement PRIMARY KEY (post_id), 
	CONSTRAINT fk_placement_post_id_post FOREIGN KEY(post_id) REFERENCES post (id) ON DELETE CASCADE, 
	CONSTRAINT fk_placement_theme_theme FOREIGN KEY(theme) REFERENCES theme (number)
);

CREATE INDEX ix_placement_theme ON placement (theme);

CREATE TABLE source_state (
	name VARCHAR(128) NOT NULL, 
	cursor TEXT, 
	read_at DATETIME, 
	error TEXT, 
	error_at DATETIME, failures INTEGER DEFAULT '0' NOT NULL, rests_until DATETIME, budget JSON, 
	CONSTRAINT pk_source_state PRIMARY KEY (name)
);

CREATE INDEX ix_post_origin ON post (origin);

CREATE TABLE gap (
	id INTEGER NOT NULL, 
	source VARCHAR(128) NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT pk_gap PRIMARY KEY (id)
);

CREATE INDEX ix_gap_source ON gap (source);

CREATE TABLE tombstone (
	mark VARCHAR(32) NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_tombstone PRIMARY KEY (mark)
);

CREATE TABLE decision (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR(256) NOT NULL, 
	deed VARCHAR(16) NOT NULL, 
	arguments JSON NOT NULL, 
	undone_at DATETIME, 
	undone_by VARCHAR(256), 
	CONSTRAINT pk_decision PRIMARY KEY (id)
);

CREATE TABLE decided_post (
	decision_id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	part VARCHAR(8) NOT NULL, 
	theme INTEGER, 
	stood INTEGER, 
	centrality FLOAT NOT NULL, 
	"right" BOOLEAN, 
	intent VARCHAR(16), 
	CONSTRAINT pk_decided_post PRIMARY KEY (decision_id, post_id), 
	CONSTRAINT fk_decided_post_decision_id_decision FOREIGN KEY(decision_id) REFERENCES decision (id), 
	CONSTRAINT fk_decided_post_post_id_post FOREIGN KEY(post_id) REFERENCES post (id) ON DELETE CASCADE
);

CREATE INDEX ix_decided_post_post_id ON decided_post (post_id);

CREATE TABLE "theme" (
	number INTEGER NOT NULL, 
	label TEXT NOT NULL, 
	keywords JSON NOT NULL, 
	made_at DATETIME NOT NULL, 
	merged_into INTEGER, 
	split_from INTEGER, area TEXT, 
	CONSTRAINT pk_theme PRIMARY KEY (number), 
	CONSTRAINT fk_theme_merged_into_theme FOREIGN KEY(merged_into) REFERENCES theme (number), 
	CONSTRAINT fk_theme_split_from_theme FOREIGN KEY(split_from) REFERENCES theme (number)
);

CREATE TABLE "reading" (
	post_id INTEGER NOT NULL, 
	intent VARCHAR(16) NOT NULL, 
	strength INTEGER NOT NULL, 
	about TEXT NOT NULL, 
	sensitive TEXT, 
	basis VARCHAR(16) NOT NULL, language VARCHAR(2), 
	CONSTRAINT pk_reading PRIMARY KEY (post_id), 
	CONSTRAINT fk_reading_post_id_post FOREIGN KEY(post_id) REFERENCES post (id) ON DELETE CASCADE
);

CREATE TABLE ground (
	post_id INTEGER NOT NULL, 
	criterion VARCHAR(16) NOT NULL, 
	words TEXT NOT NULL, 
	CONSTRAINT pk_ground PRIMARY KEY (post_id, criterion), 
	CONSTRAINT fk_ground_post_id_post FOREIGN KEY(post_id) REFERENCES post (id) ON DELETE CASCADE
);

CREATE INDEX ix_post_source_parent_id ON post (source, parent_id);

CREATE INDEX ix_post_source_root_id ON post (source, root_id);

CREATE TABLE mark (
	post_id INTEGER NOT NULL, 
	how VARCHAR(16) NOT NULL, 
	name BIGINT NOT NULL, 
	place BIGINT, 
	CONSTRAINT pk_mark PRIMARY KEY (post_id, how, name), 
	CONSTRAINT fk_mark_post_id_post FOREIGN KEY(post_id) REFERENCES post (id) ON DELETE CASCADE
);

CREATE INDEX ix_mark_name_place_how_post_id ON mark (name, place, how, post_id);

CREATE TABLE unlinked (
	post_id INTEGER NOT NULL, 
	CONSTRAINT pk_unlinked PRIMARY KEY (post_id), 
	CONSTRAINT fk_unlinked_post_id_post FOREIGN KEY(post_id) REFERENCES post (id) ON DELETE CASCADE
);

CREATE TABLE freed (
	name BIGINT NOT NULL, 
	CONSTRAINT pk_freed PRIMARY KEY (name)
);

CREATE TABLE grouping (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	way VARCHAR(256) NOT NULL, 
	CONSTRAINT pk_grouping PRIMARY KEY (id)
);

CREATE INDEX ix_vector_embedder_post_id ON vector (embedder, post_id);

CREATE INDEX ix_post_venue_created_at ON post (venue, created_at);

CREATE TABLE subscription (
	id INTEGER NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	asks VARCHAR(16) NOT NULL, 
	words TEXT NOT NULL, 
	cadence VARCHAR(128) NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	style VARCHAR(16) NOT NULL, 
	made_by VARCHAR(64) NOT NULL, 
	made_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_subscription PRIMARY KEY (id)
);

CREATE INDEX ix_subscription_channel ON subscription (channel);

CREATE TABLE delivery (
	id VARCHAR(32) NOT NULL, 
	subscription_id INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	since DATETIME, 
	channel VARCHAR(32) NOT NULL, 
	stage VARCHAR(16) NOT NULL, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	not_before DATETIME, 
	said VARCHAR(64), 
	error TEXT, 
	CONSTRAINT pk_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_delivery_subscription_id_subscription FOREIGN KEY(subscription_id) REFERENCES subscription (id), 
	CONSTRAINT uq_delivery_subscription_id_due_at UNIQUE (subscription_id, due_at)
);

CREATE INDEX ix_delivery_stage ON delivery (stage);

CREATE TABLE message (
	delivery_id VARCHAR(32) NOT NULL, 
	part INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	blocks JSON NOT NULL, 
	in_thread BOOLEAN NOT NULL, 
	begun_at DATETIME, 
	ts VARCHAR(32), 
	CONSTRAINT pk_message PRIMARY KEY (delivery_id, part), 
	CONSTRAINT fk_message_delivery_id_delivery FOREIGN KEY(delivery_id) REFERENCES delivery (id)
);

CREATE TABLE shown (
	delivery_id VARCHAR(32) NOT NULL, 
	part INTEGER NOT NULL, 
	block_id VARCHAR(255) NOT NULL, 
	theme INTEGER, 
	post_key TEXT, 
	CONSTRAINT pk_shown PRIMARY KEY (delivery_id, part, block_id), 
	CONSTRAINT fk_shown_delivery_id_part_message FOREIGN KEY(delivery_id, part) REFERENCES message (delivery_id, part) ON DELETE CASCADE
);

CREATE INDEX ix_shown_theme ON shown (theme);

CREATE INDEX ix_shown_post_key ON shown (post_key);

CREATE TABLE inbox (
	event VARCHAR(128) NOT NULL, 
	at DATETIME NOT NULL, 
	told JSON, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_inbox PRIMARY KEY (event)
);

CREATE INDEX ix_inbox_at ON inbox (at);

CREATE TABLE lease (
	name VARCHAR(32) NOT NULL, 
	holder VARCHAR(64) NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_lease PRIMARY KEY (name)
);

CREATE TABLE spent (
	day VARCHAR(10) NOT NULL, 
	tokens BIGINT NOT NULL, 
	micros BIGINT NOT NULL, 
	CONSTRAINT pk_spent PRIMARY KEY (day)
);

CREATE TABLE phrasing (
	digest VARCHAR(32) NOT NULL, 
	said JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_phrasing PRIMARY KEY (digest)
);

CREATE INDEX ix_phrasing_at ON phrasing (at);

CREATE VIRTUAL TABLE post_index USING fts5(title, text, code, content='post', content_rowid='id', tokenize="porter unicode61 remove_diacritics 2");

CREATE TRIGGER post_index_insert AFTER INSERT ON post BEGIN INSERT INTO post_index(rowid, title, text, code) VALUES (new.id, new.title, new.text, new.code); END;

CREATE TRIGGER post_index_delete AFTER DELETE ON post BEGIN INSERT INTO post_index(post_index, rowid, title, text, code) VALUES ('delete', old.id, old.title, old.text, old.code); END;

CREATE TRIGGER post_index_update AFTER UPDATE OF title, text, code ON post BEGIN INSERT INTO post_index(post_index, rowid, title, text, code) VALUES ('delete', old.id, old.title, old.text, old.code); INSERT INTO post_index(rowid, title, text, code) VALUES (new.id, new.title, new.text, new.code); END;

CREATE TABLE sketch (
	embedder VARCHAR(64) NOT NULL, 
	block INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	held BLOB NOT NULL, 
	rows BLOB NOT NULL, 
	CONSTRAINT pk_sketch PRIMARY KEY (embedder, block)
);

CREATE INDEX ix_sketch_embedder_version ON sketch (embedder, version);

CREATE INDEX ix_sketch_block ON sketch (block);

CREATE TABLE talk (
	place VARCHAR(96) NOT NULL, 
	asked JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_talk PRIMARY KEY (place)
);

CREATE INDEX ix_talk_at ON talk (at);

CREATE TABLE rota (
	id INTEGER NOT NULL, 
	people JSON NOT NULL, 
	weekday VARCHAR(3) NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	made_by VARCHAR(64) NOT NULL, 
	made_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_rota PRIMARY KEY (id)
);

CREATE TABLE capture (
	channel VARCHAR(32) NOT NULL, 
	ts VARCHAR(32) NOT NULL, 
	made_by VARCHAR(64) NOT NULL, 
	made_at DATETIME NOT NULL, 
	post_id INTEGER, 
	answer VARCHAR(32), 
	ended_at DATETIME, 
	CONSTRAINT pk_capture PRIMARY KEY (channel, ts), 
	CONSTRAINT fk_capture_post_id_post FOREIGN KEY(post_id) REFERENCES post (id) ON DELETE SET NULL
);

CREATE INDEX ix_capture_post_id ON capture (post_id);

CREATE TABLE look (
	user VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	since DATETIME, 
	CONSTRAINT pk_look PRIMARY KEY (user)
);

CREATE TABLE configuration (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR(256) NOT NULL, 
	name VARCHAR(512) NOT NULL, 
	value JSON, 
	CONSTRAINT pk_configuration PRIMARY KEY (id)
);

CREATE INDEX ix_configuration_name ON configuration (name);

CREATE TABLE picture (
	delivery_id VARCHAR(32) NOT NULL, 
	part INTEGER NOT NULL, 
	png BLOB NOT NULL, 
	title TEXT NOT NULL, 
	words TEXT NOT NULL, 
	CONSTRAINT pk_picture PRIMARY KEY (delivery_id, part), 
	CONSTRAINT fk_picture_delivery_id_part_message FOREIGN KEY(delivery_id, part) REFERENCES message (delivery_id, part) ON DELETE CASCADE
);

CREATE TABLE acknowledgement (
	id INTEGER NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	what TEXT NOT NULL, 
	until DATETIME, 
	"by" VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	undone_by VARCHAR(64), 
	undone_at DATETIME, 
	CONSTRAINT pk_acknowledgement PRIMARY KEY (id)
);

CREATE INDEX ix_acknowledgement_channel_until ON acknowledgement (channel, until);

CREATE TABLE feedback (
	answer VARCHAR(32) NOT NULL, 
	"by" VARCHAR(64) NOT NULL, 
	question TEXT NOT NULL, 
	good BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_feedback PRIMARY KEY (answer, "by")
);

CREATE INDEX ix_feedback_at ON feedback (at);

CREATE INDEX ix_post_source_created_at_parent_id_role ON post (source, created_at, parent_id, role);

CREATE INDEX ix_post_visibility ON post (visibility) WHERE visibility <> 'public';

CREATE INDEX ix_reading_sensitive ON reading (post_id) WHERE sensitive IS NOT NULL;

CREATE TABLE pending (
	post_id INTEGER NOT NULL, 
	CONSTRAINT pk_pending PRIMARY KEY (post_id), 
	CONSTRAINT fk_pending_post_id_post FOREIGN KEY(post_id) REFERENCES post (id) ON DELETE CASCADE
);

INSERT INTO alembic_version VALUES ('0019');
