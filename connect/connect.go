package connect

import (
	"cmp"
	"context"
	"strings"
	"unicode/utf8"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

// ConnectInput names an account to connect.
type ConnectInput struct {
	ProgramID  string
	Provider   string // a name in Config.Providers
	Name       string // 1 to 120 characters
	OrderScope string // see CreateInput
	Account    string // as the provider wants it; "" for a shop that only sends messages
	Secret     string // the signing secret; "" when the app's own signs, or nothing is received
	Keys       map[string]string
}

// Connect connects an account. With keys it can be called at once; without keys and
// without a secret it is PENDING until it is authorized. Errors: INVALID and
// TOO_LARGE with their field, NOT_FOUND programId, WRONG_STATE for an archived
// program.
func (s *Service) Connect(ctx context.Context, in ConnectInput) (IntegrationOutcome, error) {
	return s.connect(ctx, "integrationConnect", in)
}

func (s *Service) connect(ctx context.Context, command string, in ConnectInput) (IntegrationOutcome, error) {
	if err := s.checkConnect(&in); err != nil {
		return IntegrationOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: command}, func(ctx context.Context, tx *store.Tx) (IntegrationOutcome, error) {
		if err := open(ctx, tx, in.ProgramID); err != nil {
			return IntegrationOutcome{}, err
		}
		row := &ent.Integration{ID: tx.ID(id.Integration), MerchantID: tx.MerchantID()}
		create := tx.Ent().Integration.Create().SetID(row.ID).SetProgramID(in.ProgramID).
			SetProvider(integration.Provider(in.Provider)).SetName(in.Name).SetOrderScope(in.OrderScope).SetAccount(in.Account)
		if in.Secret == "" && len(in.Keys) == 0 {
			create.SetStatus(integration.StatusPENDING)
		}
		if err := s.sealInto(create.Mutation(), row, in.Secret, in.Keys); err != nil {
			return IntegrationOutcome{}, err
		}
		if len(in.Keys) > 0 {
			create.SetConnectedAt(tx.Now())
		}
		tx.Note(row.ID, nil)
		return IntegrationOutcome{row.ID}, create.Exec(ctx)
	})
}

// open refuses a program that no orders may go to.
func open(ctx context.Context, tx *store.Tx, programID string) error {
	p, err := tx.Ent().Program.Get(ctx, programID)
	switch {
	case ent.IsNotFound(err):
		return problem.At(problem.NotFound, "programId", "the program was not found")
	case err == nil && p.Status == program.StatusARCHIVED:
		return problem.At(problem.State, "programId", "the program is archived")
	}
	return err
}

// sealInto writes a secret and keys, where there are any, each sealed for its place.
func (s *Service) sealInto(m *ent.IntegrationMutation, row *ent.Integration, secret string, keys map[string]string) error {
	if secret != "" {
		sealed, err := s.store.Keys().Seal([]byte(secret), secretPlace(row, columnSecret))
		if err != nil {
			return err
		}
		m.SetSecretSealed(sealed)
	}
	if len(keys) == 0 {
		return nil
	}
	sealed, err := s.sealCredentials(row, Credentials{Keys: keys})
	m.SetCredentialsSealed(sealed)
	m.SetCredentialsNumber(row.CredentialsNumber + 1)
	m.SetAccess(integration.AccessKEYS)
	return err
}

// checkConnect tidies and checks what was given.
func (s *Service) checkConnect(in *ConnectInput) (err error) {
	in.Name = strings.TrimSpace(in.Name)
	n := utf8.RuneCountInString(in.Name)
	switch {
	case s.providers[in.Provider] == nil:
		return problem.At(problem.Invalid, "provider", "cannot be connected")
	case n < 1 || n > maxName || !form.Plain(in.Name):
		return problem.At(problem.Invalid, "name", "must have 1 to %d characters, all of which are seen", maxName)
	case len(in.OrderScope) > order.MaxScope:
		return problem.At(problem.TooLarge, "orderScope", "must have at most %d bytes", order.MaxScope)
	case strings.TrimSpace(in.OrderScope) != in.OrderScope || !form.Plain(in.OrderScope):
		return problem.At(problem.Invalid, "orderScope", "must not contain control characters or begin or end with a space")
	}
	if in.Secret != "" {
		if err := checkSecret(in.Secret); err != nil {
			return err
		}
	}
	account, called := s.providers[in.Provider].(Account)
	if in.Account != "" && called {
		in.Account, err = account.Account(in.Account)
	}
	if err != nil || len(in.Keys) == 0 && (in.Secret != "" || in.Account != "") {
		return err
	}
	if !called || in.Account == "" {
		return problem.At(problem.Invalid, "account", "must be named")
	}
	return checkKeys(account.Ways(), in.Keys)
}

// checkKeys wants the keys of the provider, all of them and no others.
func checkKeys(w Ways, keys map[string]string) error {
	if len(w.Keys) == 0 || len(keys) != len(w.Keys) {
		return problem.At(problem.Invalid, "keys", "must be %s", cmp.Or(names(w.Keys), "left out"))
	}
	for _, k := range w.Keys {
		v := keys[k.Name]
		if v == "" || len(v) > maxKey || strings.TrimSpace(v) != v || !form.Plain(v) {
			return problem.At(problem.Invalid, "keys", "%s must have 1 to %d bytes and not begin or end with a space", k.Name, maxKey)
		}
	}
	return nil
}

func names(keys []Key) string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = k.Name
	}
	return strings.Join(all, ", ")
}
