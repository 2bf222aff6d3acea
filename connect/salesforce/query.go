package salesforce

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// mostPages bounds what one question reads.
const mostPages = 100

// query asks a question and hands each record to take, page after page.
func (a asking) query(soql string, take func(json.RawMessage) error) error {
	path := data + "/query?q=" + url.QueryEscape(soql)
	for range mostPages {
		var page struct {
			Records []json.RawMessage `json:"records"`
			Done    bool              `json:"done"`
			Next    string            `json:"nextRecordsUrl"`
		}
		if err := a.ask(http.MethodGet, path, nil, &page); err != nil {
			return err
		}
		for _, one := range page.Records {
			if err := take(one); err != nil {
				return err
			}
		}
		if page.Done {
			return nil
		}
		if !strings.HasPrefix(page.Next, data+"/query/") {
			return errUnderstood
		}
		path = page.Next
	}
	return errUnderstood
}

// quoted writes a text as SOQL does: what is in it ends no text.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text) + "'"
}
