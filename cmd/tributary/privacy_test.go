package main

import (
	"bytes"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

// planted are a buyer's and a payee's personal values, each unlike anything else.
var planted = []string{"plantedbuyer", "Plantedina Lastname", "DE89370400440532013000", "plantedagent"}

// findable is a value that may stand in the clear: the search must find it.
const findable = "ada@partners.example"

// Personal values of buyers and payees are sealed from the first row on: neither
// database, stream nor log shows one, in any encoding that text would have.
func TestPersonalValuesAreNowhereInTheClear(t *testing.T) {
	t.Parallel()
	dir, url := t.TempDir(), databaseURL(t)
	srv := startServer(t, dir, url)
	w, err := sim.Build(t.Context(), srv.base, sim.Plan{
		Merchant: "Quiet", Email: "owner@quiet.example", Password: "correct horse battery", Currency: "USD", Percent: "10", Affiliates: []string{"Ada"},
	})
	if err != nil {
		t.Fatal(err)
	}
	plant(t, w)
	srv.kill()
	if url == "" {
		searchFiles(t, dir)
	} else {
		searchTables(t, url)
	}
	searchText(t, "the log", srv.log(t))
}

// plant sends personal values by every way in: mutation, webhook, refused
// webhook, link and pay-out details.
func plant(t *testing.T, w *sim.World) {
	t.Helper()
	ada := w.Affiliates[0]
	mutate(t, w.Client, "conversionRecord", sim.Vars{
		"programId": w.ProgramID, "externalId": "p-1", "couponCodes": []string{ada.Coupon}, "idempotencyKey": "plant-1",
		"lines":    []sim.Vars{{"amount": sim.Vars{"amount": "20.00", "currency": "USD"}}},
		"customer": sim.Vars{"email": "plantedbuyer@mail.example", "name": "Plantedina Lastname"},
	})
	mutate(t, w.Client, "payoutMethodSet", sim.Vars{"affiliateId": ada.ID, "rail": "CSV", "details": sim.Vars{"iban": "DE89370400440532013000", "holder": "Plantedina Lastname"}})
	_, token, err := w.Client.As("").Click(t.Context(), ada.LinkPath, "Mozilla/5.0 (plantedagent)", "")
	if err != nil {
		t.Fatal(err)
	}
	o := sim.Order{ID: 9, Currency: "USD", Paid: true, ClickToken: token, Email: "plantedbuyer@mail.example", At: time.Now(), Lines: []sim.Item{{ID: 1, Title: "Hat", Price: "9.00", Quantity: 1}}}
	if err := w.Shop.Send(t.Context(), sim.TopicPaid, "d-1", o.Body()); err != nil {
		t.Fatal(err)
	}
	if err := w.Settled(t.Context()); err != nil {
		t.Fatal(err)
	}
	forged := w.Shop
	forged.Secret = "wrong"
	if forged.Send(t.Context(), sim.TopicPaid, "d-2", o.Body()) == nil {
		t.Fatal("a forged webhook was taken")
	}
}

func searchFiles(t *testing.T, dir string) {
	t.Helper()
	files, control := 0, false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		searchText(t, path, text)
		control = control || bytes.Contains(text, []byte(findable))
		return err
	})
	if !control {
		t.Errorf("the search does not find %q, which is there", findable)
	}
	if err != nil || files < 3 {
		t.Fatalf("%d files searched, %v", files, err)
	}
}

func searchTables(t *testing.T, url string) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`SET bytea_output = 'escape'`); err != nil { // so that text kept as bytes is found
		t.Fatal(err)
	}
	var tables string
	if err := db.QueryRow(`SELECT string_agg(quote_ident(table_name), ' ') FROM information_schema.tables WHERE table_schema = 'public'`).Scan(&tables); err != nil {
		t.Fatal(err)
	}
	control := false
	for _, table := range strings.Fields(tables) {
		var rows sql.NullString
		if err := db.QueryRow(`SELECT string_agg(x::text, ' ') FROM ` + table + ` x`).Scan(&rows); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		searchText(t, table, []byte(rows.String))
		control = control || strings.Contains(rows.String, findable)
	}
	if !control {
		t.Errorf("the search does not find %q, which is there", findable)
	}
	if n := len(strings.Fields(tables)); n < 39 {
		t.Fatalf("only %d tables searched", n)
	}
}

func searchText(t *testing.T, where string, text []byte) {
	t.Helper()
	for _, value := range planted {
		if bytes.Contains(text, []byte(value)) {
			t.Errorf("%s holds %q in the clear", where, value)
		}
	}
}
