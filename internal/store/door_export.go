package store

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/export"
)

// StaleExport names an export that nobody works on.
type StaleExport struct{ MerchantID, ExportID string }

// DoorStaleExports finds exports that are not finished and of which nobody has said since
// an instant that it works on them, of all merchants, the oldest first: for the schedule,
// which leaves them to be taken up again.
func (s *Store) DoorStaleExports(ctx context.Context, since time.Time, limit int) ([]StaleExport, error) {
	rows, err := s.door.Export.Query().Where(
		export.StatusIn(export.StatusQUEUED, export.StatusRUNNING), export.BeatAtLT(since),
	).Order(ent.Asc(export.FieldBeatAt, export.FieldID)).Limit(limit).Select(export.FieldID, export.FieldMerchantID).All(ctx)
	out := make([]StaleExport, len(rows))
	for i, r := range rows {
		out[i] = StaleExport{MerchantID: r.MerchantID, ExportID: r.ID}
	}
	return out, present(err)
}

// exportPartsAtOnce is how many parts of files, of some 128 KiB each, one command deletes.
const exportPartsAtOnce = 50

// ForgetExports deletes files whose time is over, a few parts of one at a time and its row
// with the last, and reports how many rows that were: call it until it is none. It is global because time runs out for all merchants alike.
func (s *Store) ForgetExports(ctx context.Context) (int, error) {
	return Run(house(ctx), s, Command{Name: "exports.forget", Quiet: true}, func(ctx context.Context, tx *Tx) (int, error) {
		found := 0
		for _, statement := range []string{
			`DELETE FROM export_parts WHERE id IN (SELECT p.id FROM export_parts p JOIN exports e ON e.merchant_id = p.merchant_id AND e.id = p.export_id
				WHERE e.expires_at < $1 ORDER BY p.id LIMIT $2)`,
			`DELETE FROM exports WHERE id IN (SELECT e.id FROM exports e WHERE e.expires_at < $1
				AND NOT EXISTS (SELECT 1 FROM export_parts p WHERE p.merchant_id = e.merchant_id AND p.export_id = e.id) ORDER BY e.id LIMIT $2)`,
		} {
			done, err := tx.Exec(ctx, statement, tx.now, exportPartsAtOnce)
			if err != nil {
				return 0, err
			}
			n, err := done.RowsAffected()
			if err != nil {
				return 0, err
			}
			found += int(n)
		}
		return found, nil
	})
}
