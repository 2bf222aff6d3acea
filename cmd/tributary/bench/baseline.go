package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Baseline serves one bare handler until ctx ends and says where.
func Baseline(ctx context.Context, what string, out io.Writer) error {
	handlers := map[string]func(context.Context) (http.Handler, error){"redirect": redirect, "sql": handSQL, "broadcast": broadcast}
	build, known := handlers[what]
	if !known {
		return fmt.Errorf("there is no baseline %q", what)
	}
	handler, err := build(ctx)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening on http://%s\n", l.Addr())
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() { <-ctx.Done(); _ = srv.Close() }()
	if err := srv.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// redirect answers as the click path does, and does nothing.
func redirect(context.Context) (http.Handler, error) {
	to := "https://shop.example/products?ref=demo&trb_click=" + strings.Repeat("0", 48)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusFound)
	}), nil
}

const handWritten = `SELECT c.id, c.status, c.amount_minor, c.currency, a.id, a.name, v.id, v.external_id, v.total_minor
	FROM commissions c
	JOIN affiliates a ON a.merchant_id = c.merchant_id AND a.id = c.affiliate_id
	JOIN conversions v ON v.merchant_id = c.merchant_id AND v.id = c.conversion_id
	WHERE c.merchant_id = $1 ORDER BY c.id LIMIT 51`

// handSQL answers the page of fifty commissions by one statement.
func handSQL(ctx context.Context) (http.Handler, error) {
	name, url := "postgres", os.Getenv("BENCH_DATABASE")
	query := handWritten
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		name, url, query = "sqlite", "file:"+path+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)", strings.ReplaceAll(query, "$1", "?1")
	}
	db, err := sql.Open(name, url)
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(8)
	db.SetMaxOpenConns(8)
	if name == "postgres" { // fresh tables have no statistics, and the statement's plan is kept
		if _, err := db.ExecContext(ctx, "ANALYZE commissions, affiliates, conversions"); err != nil {
			return nil, err
		}
	}
	st, err := db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	merchant := os.Getenv("BENCH_MERCHANT")
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		page, err := readPage(req.Context(), st, merchant)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(page)
	}), nil
}

func readPage(ctx context.Context, st *sql.Stmt, merchant string) (any, error) {
	rows, err := st.QueryContext(ctx, merchant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	type amount struct {
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
	}
	type edge struct {
		Node map[string]any `json:"node"`
	}
	edges := make([]edge, 0, 50)
	for rows.Next() {
		var id, status, currency, aid, name, vid, external string
		var minor, total int64
		if err := rows.Scan(&id, &status, &minor, &currency, &aid, &name, &vid, &external, &total); err != nil {
			return nil, err
		}
		edges = append(edges, edge{map[string]any{"id": id, "status": status, "amount": amount{text(minor), currency},
			"affiliate":  map[string]string{"id": aid, "name": name},
			"conversion": map[string]any{"id": vid, "externalID": external, "total": amount{text(total), currency}}}})
	}
	more := len(edges) > 50
	if more {
		edges = edges[:50]
	}
	info := map[string]any{"hasNextPage": more, "endCursor": ""}
	return map[string]any{"data": map[string]any{"commissions": map[string]any{"edges": edges, "pageInfo": info}}}, rows.Err()
}

func text(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }

// broadcast sends what is posted to /publish to every open WebSocket.
func broadcast(context.Context) (http.Handler, error) {
	var mu sync.Mutex
	open := map[chan []byte]struct{}{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /publish", func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		mu.Lock()
		for c := range open {
			select {
			case c <- body:
			default:
			}
		}
		mu.Unlock()
		w.WriteHeader(http.StatusOK)
	})
	mux.HandleFunc("GET /graphql", func(w http.ResponseWriter, req *http.Request) {
		conn, err := websocket.Accept(w, req, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		c := make(chan []byte, 1024)
		mu.Lock()
		open[c] = struct{}{}
		mu.Unlock()
		defer func() { mu.Lock(); delete(open, c); mu.Unlock() }()
		ctx := conn.CloseRead(req.Context())
		for {
			select {
			case <-ctx.Done():
				return
			case body := <-c:
				if conn.Write(ctx, websocket.MessageText, body) != nil {
					return
				}
			}
		}
	})
	return mux, nil
}
