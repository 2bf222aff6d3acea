package server_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

var exportStories = []scenario{
	{name: "H05 a list of any length in a file, with the rights of who asks", walk: exportsLists},
	{name: "H05 a file's address", walk: fetchesFiles},
	{name: "H05 queries that are no list", steps: refusedExports()},
}

// exported asks for a file and waits until it is whole.
func (s *stage) file(as, query, format string) (id, url string) {
	s.Helper()
	a := s.ask(as, mutation("exportCreate", "export { id status url }"), `{"in":{"query":`+encode(s.text(query))+`,"format":"`+format+`","name":"sales"}}`)
	id, made := dig(a.data, "exportCreate", "export", "id").(string)
	if !made {
		s.Fatal(a.text)
	}
	s.eventually("the file is whole", func() bool {
		a = s.ask(as, `{ export(id: "`+id+`") { status reason rows url } }`, "null")
		if dig(a.data, "export", "status") == "FAILED" {
			s.Fatal(a.text)
		}
		url, made = dig(a.data, "export", "url").(string)
		return made
	})
	return id, strings.TrimPrefix(url, s.URL())
}

// fetched gets a file by its address, without a credential.
func (s *stage) fetched(path string, headers ...string) (status int, text string) {
	s.Helper()
	res := s.http("GET", path, "", headers...)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

const salesQuery = `{ sales: conversions(programId: "$program") { edges { node { externalID total { amount currency } attribution { affiliate { id name } } note: campaign } } } }`

func exportsLists(s *stage) {
	for i := range 105 { // more than a page
		s.sell(fmt.Sprintf("%03d", i), []string{"ann", "bob"}[i%2])
	}
	s.sell("=1+1", "ann")
	_, path := s.file("owner", strings.Replace(salesQuery, " note: campaign", "", 1), "CSV")
	status, text := s.fetched(path)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if status != http.StatusOK || err != nil || len(rows) != 107 {
		s.Fatalf("%d %v, %d rows: %.300s", status, err, len(rows), text)
	}
	if want := []string{"externalID", "total.amount", "total.currency", "attribution.affiliate.id", "attribution.affiliate.name"}; !slices.Equal(rows[0], want) {
		s.Errorf("the head is %q", rows[0])
	}
	if got := rows[106]; got[0] != "'=1+1" || got[1] != "50.00" || got[3] != s.names["ann"] {
		s.Errorf("the last row is %q", got)
	}
	_, path = s.file("ann", `{ commissions { edges { node { affiliateID amount { amount } } } } }`, "JSONL")
	_, text = s.fetched(path)
	own := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(own) != 54 || own[0] != `{"affiliateID":"`+s.names["ann"]+`","amount":{"amount":"5.00"}}` || strings.Contains(text, s.names["bob"]) {
		s.Errorf("ann's file has %d rows: %.300s", len(own), text)
	}
	s.names["today"] = s.now().UTC().Format(time.DateOnly)
	_, path = s.file("owner", `{ report(input: {from: "$today", to: "$today", dateBasis: CONVERSION, dimensions: [AFFILIATE]}) { rows { affiliateId numbers { conversions } } } }`, "JSONL")
	if status, _ := s.fetched(path); status != http.StatusOK {
		s.Errorf("a report's file: %d", status)
	}
}

func fetchesFiles(s *stage) {
	for i := range 3 {
		s.sell(fmt.Sprint(i), "ann")
	}
	id, path := s.file("owner", `{ conversions { edges { node { externalID } } } }`, "CSV")
	s.sell("late", "ann") // not in a file that was asked for before
	if _, text := s.fetched(path); text != "externalID\r\n0\r\n1\r\n2\r\n" {
		s.Errorf("the file is %q", text)
	}
	if status, text := s.fetched(path, "Range", "bytes=15-"); status != http.StatusPartialContent || text != "1\r\n2\r\n" {
		s.Errorf("its end is %d %q", status, text)
	}
	for _, wrong := range []string{
		strings.Replace(path, id, "exp_"+strings.Repeat("0", 26), 1), strings.Replace(path, "until=1", "until=2", 1), path[:len(path)-1], strings.Split(path, "?")[0],
		strings.Replace(path, s.names["merchant"], s.names["foreignMerchant"], 1),
	} {
		if status, text := s.fetched(wrong); status != http.StatusNotFound || strings.Contains(text, "externalID") {
			s.Errorf("%s: %d %s", wrong, status, text)
		}
	}
	for _, other := range []string{"foreign", "ann", "manager"} {
		s.token(other)
		if a := s.ask(other, `{ export(id: "`+id+`") { url } exports { id } }`, "null"); dig(a.data, "export") != nil || strings.Contains(a.text, id) {
			s.Errorf("%s sees the owner's file: %s", other, a.text)
		}
	}
	w := s.subscribe("websocket", "owner", `subscription { exportProgress(id: "`+id+`") { status rows url } }`, "null")
	if e := w.next(); dig(e, "exportProgress", "status") != "DONE" || fmt.Sprint(dig(e, "exportProgress", "rows")) != "3" {
		s.Errorf("its progress is %v", e)
	}
}

func refusedExports() (all []step) {
	for query, code := range map[string]string{
		`{ nope }`: "INVALID",
		`mutation { logOut { userErrors { code } } }`:                                                          "INVALID",
		`{ viewer { id } }`:                                                                                    "INVALID",
		`{ conversions { totalCount } }`:                                                                       "INVALID",
		`{ conversions { edges { node { id } cursor } } }`:                                                     "INVALID",
		`{ conversions(first: 3) { edges { node { id } } } }`:                                                  "INVALID",
		`{ conversions { edges { node { ... on Conversion { id } } } } }`:                                      "INVALID",
		`{ conversions { edges { node { id } } } links { edges { node { id } } } }`:                            "INVALID",
		`query($p: ID) { conversions(programId: $p) { edges { node { id } } } }`:                               "INVALID",
		`{ affiliates { edges { node { links(first: 100) { edges { node { slug program { name } } } } } } } }`: "INVALID",
		strings.Repeat(" ", 9000):                                                                              "TOO_LARGE",
	} {
		all = append(all, step{do: "exportCreate", in: `{"format":"CSV","query":` + encode(query) + `}`, get: "export { id }", user: []string{"input.query " + code}})
	}
	return append(all,
		step{as: "ann", do: "exportCreate", in: `{"format":"CSV","query":"{ auditRecords { edges { node { id } } } }"}`, get: "export { id }", code: "FORBIDDEN"},
		step{as: "nobody", do: "exportCreate", in: `{"format":"CSV","query":"{ links { edges { node { id } } } }"}`, get: "export { id }", code: "UNAUTHENTICATED"},
	)
}
