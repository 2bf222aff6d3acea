-- +goose Up
-- A code may be its affiliate's alone.
ALTER TABLE `coupons` ADD COLUMN `exclusive` bool NOT NULL DEFAULT (false);
