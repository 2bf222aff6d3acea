-- +goose Up
-- A page of an affiliate's recruits is read in their order, however many there are.
CREATE INDEX `affiliate_merchant_id_parent_id_id` ON `affiliates` (`merchant_id`, `parent_id`, `id`);
DROP INDEX `affiliate_merchant_id_parent_id`;
