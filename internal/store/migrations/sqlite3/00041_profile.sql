-- +goose Up
-- An order keeps what was known of its buyer from a CRM or the merchant when it became theirs.
ALTER TABLE `conversions` ADD COLUMN `profile` json NULL;
