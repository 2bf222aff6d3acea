package rail_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tributary/tributary/pay/rail"
)

func TestCellsThatBeginLikeAFormulaAreNeutral(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+49 30": "'+49 30", "-5": "'-5", "@home": "'@home", "\tx": "'\tx", "\rx": "'\rx",
		"": "", "Ada": "Ada", "a=b": "a=b", "ä=": "ä=", "10.50": "10.50", "'=1": "'=1",
	} {
		if got := rail.Neutral(cell); got != want {
			t.Errorf("%q became %q, want %q", cell, got, want)
		}
	}
}

func TestWriteCSVQuotesAsRFC4180Says(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := rail.WriteCSV(&out, [][]string{{"name", "note"}, {`Ada "A"`, "=x,\ny"}}); err != nil {
		t.Fatal(err)
	}
	if want := "name,note\r\n\"Ada \"\"A\"\"\",\"'=x,\r\ny\"\r\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestTheBestDetailNamesTheAccount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		details map[string]string
		want    string
	}{
		{map[string]string{"email": "a@b.example", "iban": "DE89"}, "DE89"},
		{map[string]string{"email": "a@b.example", "iban": "  "}, "a@b.example"},
		{map[string]string{"account_number": "12", "account": "34"}, "12"},
	} {
		if got, err := rail.Find(c.details); got != c.want || err != nil {
			t.Errorf("%v: %q, %v", c.details, got, err)
		}
	}
	_, err := rail.Find(map[string]string{"holder": "Ada"})
	if f, is := errors.AsType[rail.Fault](err); !is || f.Detail != "iban" {
		t.Errorf("details without an account: %v", err)
	}
}
