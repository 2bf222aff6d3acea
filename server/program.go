package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/tributary/tributary/graph"
	"github.com/tributary/tributary/internal/bus"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
)

// Program is a server that is open but not yet serving.
type Program struct {
	cfg     Config
	unlock  func() error
	store   *store.Store
	reached reached
	bus     *bus.Bus
	rooms   rooms
	tracing *tracing
	metrics *metrics
	health  *health
	traffic *traffic
	conns   *connections
	crew    *crew
	jobs    *queue.Queue
	listen  net.Listener
	http    *http.Server

	clients     client // who is behind proxies
	limiter     *limiter
	porter      *porter
	named       named
	certificate *certificate // nil without TLS
}

// New opens everything: the data folder, the keys, the database at this build's
// schema, the click stream, the rooms, and the socket. It fails with one plain
// error, and leaves nothing open, when a value of the configuration cannot be
// used, when another process uses the folder, when the database refuses us or is
// newer than the build, and when the address is taken. A PostgreSQL that is out of
// reach does not keep it from starting: see reach.
func New(ctx context.Context, cfg Config) (_ *Program, err error) {
	cfg = cfg.WithDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	p := &Program{cfg: cfg, traffic: newTraffic(), conns: newConnections(), crew: &crew{log: cfg.Log}}
	for _, step := range []func(context.Context) error{
		p.readCertificate, p.lockFolder, p.openDatabase, p.openStream, p.openRooms, p.openTracing, p.watch, p.openQueue, p.openSocket,
	} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, p.close(context.WithoutCancel(ctx)))
		}
	}
	return p, nil
}

func (p *Program) readCertificate(context.Context) (err error) {
	if p.cfg.TLSCert != "" {
		p.certificate, err = openCertificate(p.cfg.TLSCert, p.cfg.TLSKey)
	}
	return err
}

func (p *Program) lockFolder(context.Context) (err error) {
	p.unlock, err = p.cfg.Lock()
	return err
}

func (p *Program) openStream(ctx context.Context) (err error) {
	if p.bus, err = openBus(ctx, p.cfg); err != nil {
		return err
	}
	p.store.OnCommit(func() { p.bus.Wake(journalTopic) })
	return nil
}

func (p *Program) openRooms(context.Context) (err error) {
	proxies, err := parseProxies(p.cfg.TrustedProxies)
	if err != nil {
		return err
	}
	p.clients, p.limiter, p.porter = newClient(proxies, p.cfg.Log), newLimiter(p.cfg, p.store), newPorter(p.cfg.Room)
	p.rooms, err = furnish(p.cfg, p.store, p.bus, p.clients)
	return err
}

func (p *Program) openTracing(ctx context.Context) (err error) {
	p.tracing, err = newTracing(ctx, p.cfg.OTLPEndpoint, p.cfg.Version)
	return err
}

func (p *Program) watch(context.Context) error {
	p.metrics = newMetrics()
	p.metrics.registry.MustRegister(&gauges{
		store: p.store, bus: p.bus, track: p.rooms.track, traffic: p.traffic, porter: p.porter,
		followers: []string{p.rooms.report.Follower().Name, p.rooms.report.RollupFollower().Name, p.rooms.notice.Follower().Name, p.rooms.earn.Welcomer().Name, p.rooms.earn.Replayer().Name, p.rooms.earn.ClickDays().Name, p.rooms.webhook.Follower().Name},
	})
	p.health = &health{draining: p.traffic.draining.Load, guarded: p.store.Guarded, log: p.cfg.Log, parts: []part{
		{"database", p.store.Ready},
		{"start", p.reached.check},
		{"stream", func(context.Context) error { return p.bus.Healthy() }},
		{"migrations", remembered(time.Minute, func(ctx context.Context) error { return Migrated(ctx, p.store) })},
		{"sequencer", p.store.SequencerReady},
	}}
	return nil
}

func (p *Program) openQueue(context.Context) (err error) {
	p.jobs, err = queue.New(queue.Config{Store: p.store, Errands: p.errands(), Tasks: p.tasks(), Done: p.metrics.errand})
	return err
}

func (p *Program) openSocket(ctx context.Context) (err error) {
	if p.listen, err = new(net.ListenConfig).Listen(ctx, "tcp", p.cfg.Addr); err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	if p.cfg.PublicURL == "" {
		p.cfg.PublicURL = p.URL()
	}
	p.http = &http.Server{
		Handler: p.routes(), ReadHeaderTimeout: readHeaderTime, WriteTimeout: writeTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		ConnState: p.conns.note, ErrorLog: slog.NewLogLogger(p.cfg.Log.Handler(), slog.LevelDebug), // names clients' addresses
	}
	if p.certificate != nil {
		p.http.TLSConfig = p.certificate.config()
	}
	return nil
}

// Addr is where the server listens.
func (p *Program) Addr() net.Addr { return p.listen.Addr() }

// URL is the server's address as a client on this machine writes it.
func (p *Program) URL() string {
	scheme := "http://"
	if p.certificate != nil {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(p.Addr().String())
	if err != nil {
		return scheme + p.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + net.JoinHostPort(host, port)
}

func (p *Program) serve() error {
	if p.certificate != nil {
		return p.http.ServeTLS(p.listen, "", "")
	}
	return p.http.Serve(p.listen)
}

// Run serves until ctx ends, then ends in order: see shutdown. It is called once.
// It fails when serving fails, when the database, once reached, cannot be used,
// and when the end took longer than its patience.
//
// The socket is closed by shutdown and not by the HTTP server, which therefore
// reports it as a failure; by then nobody listens.
func (p *Program) Run(ctx context.Context) error {
	reaching, stop := context.WithCancel(ctx)
	failed, reached := make(chan error, 1), make(chan error, 1)
	go func() { reached <- p.reach(reaching) }()
	go func() { failed <- p.serve() }()
	p.cfg.Log.Info("serving", "address", p.Addr().String(), "version", p.cfg.Version, "database", p.store.Dialect())
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	case err = <-reached:
		err = p.work(ctx, failed, err)
		reached <- nil
	}
	stop()
	<-reached // the database is not closed under its feet
	return errors.Join(err, p.shutdown(ctx))
}

// work runs the loops, once the database has been reached, until ctx ends or
// serving fails.
func (p *Program) work(ctx context.Context, failed <-chan error, unreached error) error {
	if ctx.Err() != nil {
		return nil
	}
	if unreached != nil {
		return unreached
	}
	p.crew.start(p.loops(p.jobs))
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

func (p *Program) graphql() http.Handler {
	resolver := &graph.Resolver{
		Store: p.store, Roster: p.rooms.roster, Auth: p.rooms.auth, Audit: p.rooms.audit, Track: p.rooms.track, Earn: p.rooms.earn, Ledger: p.rooms.ledger,
		Pay: p.rooms.pay, Reports: p.rooms.report, Exports: p.rooms.export, Connect: p.rooms.connect, Webhook: p.rooms.webhook, Sandbox: p.rooms.sandbox, PublicURL: p.cfg.PublicURL, Log: p.cfg.Log,
	}
	p.rooms.export.ReadBy(graph.NewExportReader(resolver))
	return graph.NewHandler(graph.Config{
		Resolver:     resolver,
		Authenticate: noted(p.cfg.Log, p.rooms.auth.Authenticate), Again: p.rooms.auth.Again, Lasts: p.lasts, Address: p.clients.network, Admit: p.limiter.operation, Named: p.named.note,
		Origins: p.cfg.trustedOrigins(), Introspection: p.cfg.Introspection,
		Costs: graph.Costs{Maximum: p.cfg.CostMaximum, Restore: p.cfg.CostRestore, Shared: sharedBy(p.store)},
	})
}
