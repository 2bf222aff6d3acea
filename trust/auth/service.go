package auth

import (
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/mail"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// How long things live.
const (
	accessLife  = 15 * time.Minute
	refreshLife = 30 * 24 * time.Hour
	tokenLife   = 90 * 24 * time.Hour // of a secret token made without an expiry

	// memory is how long an answer from the database is relied on. It is counted
	// from before the question, so what ends is refused within a second even
	// when the database takes a while to answer.
	memory = 750 * time.Millisecond
)

// Config is what the room needs.
type Config struct {
	Store  *store.Store
	Issuer string      // of access tokens; "tributary" when empty. All servers of a house share it.
	Desk   *queue.Desk // takes the letters that are to be written; nil writes none
	Mail   mail.Sender // of those letters; asked by Tasks only
	Page   string      // a page that takes codes out of its fragment; letters show bare codes without one
	Closed bool        // merchants do not sign up by themselves
	// Strangers may sign up: who has done so already is told to nobody else. See
	// Welcome.
	Strangers bool
}

// Service is the room. It is safe for concurrent use.
type Service struct {
	store      *store.Store
	issuer     string
	signers    signers
	passwords  *passwords
	people     *recent[trust.Viewer]
	tokens     *recent[*ent.ApiToken]
	operations *recent[[]string] // registered hashes, by merchant
	use        use
	desk       *queue.Desk
	mail       mail.Sender
	page       string
	closed     bool
	strangers  bool
	arrivals   chan arrival
	asked      chan asked
}

// New opens the room. The store must have its keyring.
func New(c Config) *Service {
	if c.Issuer == "" {
		c.Issuer = "tributary"
	}
	return &Service{
		store: c.Store, issuer: c.Issuer,
		passwords:  newPasswords(),
		people:     newRecent[trust.Viewer](c.Store.Now),
		tokens:     newRecent[*ent.ApiToken](c.Store.Now),
		operations: newRecent[[]string](c.Store.Now),
		use:        use{signal: make(chan struct{}, 1)},
		desk:       c.Desk, mail: c.Mail, page: c.Page, closed: c.Closed, strangers: c.Strangers,
		arrivals: make(chan arrival, arrivalsAtOnce),
		asked:    make(chan asked, askedAtOnce),
	}
}

// refuse is the one answer to a credential that opens nothing. It does not say
// whether the credential is unknown, expired, revoked or forged.
func refuse(cause error) error {
	return problem.New(problem.Unauthenticated, "the token is not valid, has expired or was revoked").Because(cause)
}

// absent reports whether a door found nothing, as opposed to failing.
func absent(err error) bool { return problem.CodeOf(err) == problem.NotFound }
