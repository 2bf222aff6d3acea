package earn

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/conversionline"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/order"
)

// work is one conversion in the hands of one command, under the conversion's lock.
type work struct {
	tx          *store.Tx
	fresh       bool // made by this command: there is nothing to read yet
	sale        *ent.Conversion
	onlyClick   *ent.Touch  // of a buyer who has no others; nil when they are to be read
	refused     string      // why the message's click token proves no click
	message     order.Order // what the source said; of a later command what is kept of it
	program     *ent.Program
	buyer       *ent.Customer // nil when nobody is named, or it has not been read
	lines       []*ent.ConversionLine
	commissions []*ent.Commission // of those with credit, oldest layer first
	levels      []*ent.Commission // of their uplines, lowest level first
	anchored    bool              // it is under the terms of its customer's first payment
	payIn       map[string]string // the currency affiliates asked to be paid in, where it was read
	why         ledger.Cause      // of what changes the commissions; the conversion and the command's instant when zero
}

// open starts work on a conversion that the caller holds the lock of.
func open(ctx context.Context, tx *store.Tx, sale *ent.Conversion) (*work, error) {
	program, err := tx.Ent().Program.Get(ctx, sale.ProgramID)
	if err != nil {
		return nil, err
	}
	w := &work{tx: tx, sale: sale, program: program}
	return w, w.readCommissions(ctx)
}

// openRecorded starts work on what a message has just recorded.
func openRecorded(ctx context.Context, tx *store.Tx, rec track.Recorded, o order.Order) (*work, error) {
	w := &work{tx: tx, fresh: rec.Created, sale: rec.Conversion, message: o, program: rec.Program, buyer: rec.Customer, lines: rec.Lines, onlyClick: rec.OnlyClick, refused: rec.RefusedToken}
	if w.fresh {
		return w, nil
	}
	return w, w.readCommissions(ctx)
}

// readCommissions reads those of the decision in force.
func (w *work) readCommissions(ctx context.Context) (err error) {
	rows, err := w.tx.Ent().Commission.Query().
		Where(commission.ConversionID(w.sale.ID), commission.KindIn(commission.KindCONVERSION, commission.KindOVERRIDE), commission.SupersededAtIsNil()).
		Order(ent.Asc(commission.FieldLevel, commission.FieldID)).All(ctx)
	for _, c := range rows {
		w.keep(c)
	}
	return err
}

// keep puts a commission with those of its kind.
func (w *work) keep(c *ent.Commission) {
	if c.Kind == commission.KindOVERRIDE {
		w.levels = append(w.levels, c)
		return
	}
	w.commissions = append(w.commissions, c)
}

// readLines reads the lines as they are now.
func (w *work) readLines(ctx context.Context) (err error) {
	w.lines, err = w.tx.Ent().ConversionLine.Query().Where(conversionline.ConversionID(w.sale.ID)).
		Order(ent.Asc(conversionline.FieldID)).All(ctx)
	return err
}

// credited gives the affiliate who earns from the conversion, "" for nobody; of
// several the one with the most credit, whom its commissions begin with.
func (w *work) credited() string {
	if len(w.commissions) == 0 {
		return ""
	}
	return w.commissions[0].AffiliateID
}

// earns reports whether the order has been paid. One that was paid and then
// given back earns too, and all of it is reversed.
func (w *work) earns() bool {
	switch w.sale.Status {
	case conversion.StatusACCEPTED, conversion.StatusPARTIALLY_REFUNDED, conversion.StatusREFUNDED, conversion.StatusCHARGED_BACK:
		return true
	}
	return false
}

func (w *work) commissionIDs() []string {
	ids := make([]string, 0, len(w.commissions)+len(w.levels))
	for _, c := range w.commissions {
		ids = append(ids, c.ID)
	}
	for _, c := range w.levels {
		ids = append(ids, c.ID)
	}
	return ids
}
