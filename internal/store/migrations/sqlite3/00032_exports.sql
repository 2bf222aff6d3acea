-- +goose Up
-- Lists and reports are written into files, part by part.
CREATE TABLE `exports` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `principal` text NOT NULL, `person` bool NOT NULL, `scopes` text NOT NULL DEFAULT (''), `name` text NOT NULL, `format` text NOT NULL, `document` blob NULL, `status` text NOT NULL DEFAULT ('QUEUED'), `reason` text NOT NULL DEFAULT (''), `cursor` text NOT NULL DEFAULT (''), `rows` integer NOT NULL DEFAULT (0), `bytes` integer NOT NULL DEFAULT (0), `parts` integer NOT NULL DEFAULT (0), `finished_at` datetime NULL, `expires_at` datetime NOT NULL, `beat_at` datetime NOT NULL, `holder` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`), CONSTRAINT `fk_exports_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION);
CREATE UNIQUE INDEX `export_merchant_id_id` ON `exports` (`merchant_id`, `id`);
CREATE INDEX `export_merchant_id_principal_id` ON `exports` (`merchant_id`, `principal`, `id`);
CREATE INDEX `export_status_beat_at` ON `exports` (`status`, `beat_at`);
CREATE INDEX `export_expires_at` ON `exports` (`expires_at`);
CREATE TABLE `export_parts` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `first` integer NOT NULL, `content` blob NOT NULL, `export_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `export_parts_exports_export` FOREIGN KEY (`merchant_id`, `export_id`) REFERENCES `exports` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `fk_export_parts_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION);
CREATE UNIQUE INDEX `exportpart_merchant_id_id` ON `export_parts` (`merchant_id`, `id`);
CREATE UNIQUE INDEX `exportpart_merchant_id_export_id_first` ON `export_parts` (`merchant_id`, `export_id`, `first`);
