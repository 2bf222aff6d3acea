-- +goose Up
-- Row-level security is PostgreSQL's. SQLite has none: there the interceptor, the hook, the composite keys and the raw-door check are the wall. The file keeps the versions of both databases level.
SELECT 1;
