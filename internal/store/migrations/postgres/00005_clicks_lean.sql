-- +goose Up
-- No list of clicks goes by program: its index was written with every click and
-- never read.
DROP INDEX "click_merchant_id_program_id_created_at_id";
