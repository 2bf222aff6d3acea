-- +goose Up
-- A visitor's repeats are known whichever server answered them.
ALTER TABLE `clicks` ADD COLUMN `visitor_hash` blob NULL;
