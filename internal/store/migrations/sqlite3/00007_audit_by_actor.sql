-- +goose Up
-- What one member or token did is looked up without reading what all did.
CREATE INDEX `auditrecord_merchant_id_actor_id` ON `audit_records` (`merchant_id`, `actor_id`);
