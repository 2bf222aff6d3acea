package track

import (
	"context"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/customer"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
)

// selfPurpose is the purpose under which buyers' and affiliates' canonical
// addresses are hashed, so that the two can be compared (Q46).
const selfPurpose = "affiliate.email"

// identity is what an order says of its buyer, as keyed hashes: equal values of
// two merchants do not look alike (Q55).
type identity struct {
	key   []byte // strongest identity: the shop's id, else the address
	email []byte // of the normalised address; nil when none was given
	self  []byte // of the canonical address
	text  order.Customer
}

func (s *Service) identityOf(merchantID string, o order.Order) (who identity, known bool) {
	keys, c := s.store.Keys(), o.Customer
	c.Email = strings.ToLower(strings.TrimSpace(c.Email))
	who.text = c
	if c.Email != "" {
		who.email = keys.Hash(merchantID, "customer.email", c.Email)
		who.key = keys.Hash(merchantID, "customer.identity", "email\x00"+c.Email)
	}
	who.self = s.selfHash(merchantID, c.Email)
	if c.ExternalID != "" { // ids of two shops may overlap (Q48)
		who.key = keys.Hash(merchantID, "customer.identity", "id\x00"+o.SourceScope+"\x00"+c.ExternalID)
	}
	return who, who.key != nil
}

// selfHash is nil for text that is no address: nothing matches it.
func (s *Service) selfHash(merchantID, email string) []byte {
	canonical := attribution.CanonicalEmail(email)
	if canonical == "" {
		return nil
	}
	return s.store.Keys().Hash(merchantID, selfPurpose, canonical)
}

// buyer is the customer of an order.
type buyer struct {
	*ent.Customer      // nil when the order names nobody
	counted       bool // the row was made with this order counted in it
}

// customerIn finds the buyer by the shop's id or by address, or makes a new one.
// What the row lacks is filled in.
func (s *Service) customerIn(ctx context.Context, tx *store.Tx, o order.Order) (buyer, error) {
	who, known := s.identityOf(tx.MerchantID(), o)
	if !known {
		return buyer{}, nil
	}
	c, err := findCustomer(ctx, tx, who)
	if err == nil && c == nil {
		if c, err = s.insertCustomer(ctx, tx, who); err != nil || c != nil {
			return buyer{c, true}, err
		}
		c, err = findCustomer(ctx, tx, who)
	}
	if err != nil {
		return buyer{}, err
	}
	c, err = s.completeCustomer(ctx, tx, c, who)
	return buyer{c, false}, err
}

// insertCustomer makes the row with its first order counted. It gives nil when
// another order of the same buyer, recorded at the same time, has made the row.
func (s *Service) insertCustomer(ctx context.Context, tx *store.Tx, who identity) (*ent.Customer, error) {
	row := tx.ID(id.Customer)
	set := tx.Ent().Customer.Create().SetID(row).SetIdentityHash(who.key).SetOrders(1)
	sealed, err := s.sealed(tx, row, who)
	if err != nil {
		return nil, err
	}
	if who.email != nil {
		set.SetEmailHash(who.email).SetEmailSealed(sealed.email)
	}
	if who.self != nil {
		set.SetSelfHash(who.self)
	}
	if who.text.Name != "" {
		set.SetNameSealed(sealed.name)
	}
	set.OnConflictColumns(customer.FieldMerchantID, customer.FieldIdentityHash).DoNothing()
	return made(set.Save(ctx))
}

// count adds to a buyer's orders.
func (b buyer) count(ctx context.Context, tx *store.Tx, n int) error {
	b.Orders += n
	return tx.Ent().Customer.Update().Where(customer.ID(b.ID)).AddOrders(n).Exec(ctx)
}

// completeCustomer fills in what earlier orders did not say, and changes nothing
// that they did.
func (s *Service) completeCustomer(ctx context.Context, tx *store.Tx, c *ent.Customer, who identity) (*ent.Customer, error) {
	needsEmail, needsName := c.EmailHash == nil && who.email != nil, c.NameSealed == nil && who.text.Name != ""
	if !needsEmail && !needsName {
		return c, nil
	}
	sealed, err := s.sealed(tx, c.ID, who)
	if err != nil {
		return nil, err
	}
	set := tx.Ent().Customer.UpdateOneID(c.ID)
	if needsEmail {
		set.SetEmailHash(who.email).SetEmailSealed(sealed.email).SetSelfHash(who.self)
	}
	if needsName {
		set.SetNameSealed(sealed.name)
	}
	return set.Save(ctx)
}

// completeBuyer fills in what the buyer of an order lacks from a message that names the
// buyer otherwise: one source knows the shop's id, another the address, and the order is
// one. The buyer stays who it was.
func (s *Service) completeBuyer(ctx context.Context, tx *store.Tx, rec *Recorded, o order.Order) (err error) {
	who, _ := s.identityOf(tx.MerchantID(), o)
	rec.Customer, err = s.completeCustomer(ctx, tx, rec.Customer, who)
	return err
}

type sealedTexts struct{ email, name []byte }

func (s *Service) sealed(tx *store.Tx, row string, who identity) (t sealedTexts, err error) {
	place := seal.AAD{Merchant: tx.MerchantID(), Table: "customers", Row: row}
	place.Column = "email_sealed"
	if t.email, err = s.store.Keys().Seal([]byte(who.text.Email), place); err != nil {
		return t, err
	}
	place.Column = "name_sealed"
	t.name, err = s.store.Keys().Seal([]byte(who.text.Name), place)
	return t, err
}
