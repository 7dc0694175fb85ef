/** Users of the API, their sessions, keys of machines, and the keys that sign access tokens. */
export const access = `
CREATE TABLE access_user (
  id                    bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name                  text    NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,31}$'),
  role                  text    NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  password              text    NOT NULL,                 -- libs/access, password-record.ts
  is_password_temporary boolean NOT NULL,                 -- set by somebody else: the next login sets another one
  is_disabled           boolean NOT NULL DEFAULT false,
  totp_secret           bytea,                            -- asked for at every login
  totp_pending          bytea,                            -- not before its first code was right
  totp_last_step        bigint,                           -- neither this step nor one before is taken again
  created_at_ms         bigint  NOT NULL,
  last_login_at_ms      bigint
);

CREATE TABLE access_recovery_code (
  user_id bigint NOT NULL REFERENCES access_user,
  digest  bytea  NOT NULL,
  PRIMARY KEY (user_id, digest)
);

CREATE TABLE access_key (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest          bytea  NOT NULL UNIQUE,                 -- SHA-256 of the key
  shown           text   NOT NULL,                        -- how the key begins
  name            text   NOT NULL,
  role            text   NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  created_by      text   NOT NULL,
  created_at_ms   bigint NOT NULL,
  expires_at_ms   bigint,
  revoked_at_ms   bigint,
  last_used_at_ms bigint
);

CREATE TABLE access_session (
  id              uuid   PRIMARY KEY,
  user_id         bigint NOT NULL REFERENCES access_user,
  address         text   NOT NULL,
  agent           text   NOT NULL,
  started_at_ms   bigint NOT NULL,
  refreshed_at_ms bigint NOT NULL,
  ended_at_ms     bigint
);
CREATE INDEX access_session_by_user ON access_session (user_id, started_at_ms);
CREATE INDEX access_session_by_use ON access_session (refreshed_at_ms);

-- Every refresh token that a session has had: one that was replaced and comes back is known.
CREATE TABLE access_refresh (
  digest         bytea  PRIMARY KEY,
  session_id     uuid   NOT NULL REFERENCES access_session ON DELETE CASCADE,
  replaced_at_ms bigint
);
CREATE INDEX access_refresh_by_session ON access_refresh (session_id);

CREATE TABLE access_signing_key (
  kid         uuid   PRIMARY KEY,
  private_jwk jsonb  NOT NULL,
  made_at_ms  bigint NOT NULL
);
`;
