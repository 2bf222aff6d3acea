package track

import (
	"context"

	"github.com/tributary/tributary/ent/orderalias"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

// Aliases names an order by the id it goes by, and by others that are of the same order.
type Aliases struct {
	ProgramID, SourceScope, OrderExternalID string
	Others                                  []string
}

// AliasIn keeps the other ids of an order, which need not be known yet. An id that is
// known to be of another order stays with that; one that no order can have is left out.
func AliasIn(ctx context.Context, tx *store.Tx, n Aliases) error {
	for _, one := range n.Others {
		if one == "" || len(one) > order.MaxID || one == n.OrderExternalID {
			continue
		}
		_, err := created(tx.Ent().OrderAlias.Create().SetID(tx.ID(id.OrderAlias)).SetProgramID(n.ProgramID).SetOrderScope(n.SourceScope).
			SetAlias(one).SetOrderExternalID(n.OrderExternalID).
			OnConflictColumns(orderalias.FieldMerchantID, orderalias.FieldProgramID, orderalias.FieldOrderScope, orderalias.FieldAlias).
			DoNothing().Exec(ctx))
		if err != nil {
			return err
		}
	}
	return nil
}
