package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/server"
)

// instructions reads a Dockerfile, continued lines joined.
func instructions(t *testing.T) (all [][2]string) {
	t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word != "" && word != "#" {
			all = append(all, [2]string{word, strings.TrimSpace(rest)})
		}
	}
	return all
}

// envOf lists the variables that a configuration reads.
func envOf(of reflect.Type) (names []string) {
	for i := range of.NumField() {
		f := of.Field(i)
		if name := f.Tag.Get("env"); name != "" {
			names = append(names, name)
		} else if f.Type.Kind() == reflect.Struct {
			names = append(names, envOf(f.Type)...)
		}
	}
	return names
}

// The image is built where there is a container engine; what can be known without
// one is known here: that every path it copies is there, that the stage before made
// what the next takes, that the variables, the command and the release of Go are
// real, and that the data folder is the volume and its user's.
func TestTheDockerfileNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	known, vars := envOf(reflect.TypeFor[server.Config]()), regexp.MustCompile(`(\w+)=(\S+)`)
	made := map[string]bool{}
	said := map[string]string{}
	for _, one := range instructions(t) {
		said[one[0]] = one[1]
		switch one[0] {
		case "RUN":
			for _, m := range regexp.MustCompile(`(?:-o|mkdir) (/out/\S+)`).FindAllStringSubmatch(one[1], -1) {
				made[m[1]] = true
			}
			for _, m := range regexp.MustCompile(` (\./\S+)`).FindAllStringSubmatch(one[1], -1) {
				exists(t, m[1])
			}
		case "COPY":
			words := strings.Fields(one[1])
			words = slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "--") })
			for _, source := range words[:len(words)-1] {
				if strings.Contains(one[1], "--from=build") && !made[source] {
					t.Errorf("COPY %s: nothing made %s", one[1], source)
				} else if !strings.Contains(one[1], "--from=") {
					exists(t, source)
				}
			}
		case "ENV":
			for _, m := range vars.FindAllStringSubmatch(one[1], -1) {
				if said[m[1]] = m[2]; !slices.Contains(known, m[1]) {
					t.Errorf("nothing reads %s", m[1])
				}
			}
		case "FROM":
			if release, found := strings.CutPrefix(one[1], "golang:"); found {
				text, err := os.ReadFile("../../go.mod")
				if want := "\ngo " + strings.Fields(release)[0]; err != nil || !strings.Contains(string(text), want) {
					t.Errorf("go.mod has another release than %s", release)
				}
			}
		}
	}
	if said["VOLUME"] != said["TRIBUTARY_DATA_DIR"] || said["ENTRYPOINT"] != `["/tributary"]` || !strings.HasSuffix(said["TRIBUTARY_ADDR"], ":"+said["EXPOSE"]) || said["USER"] != "nonroot" {
		t.Errorf("%v", said)
	}
	command := strings.Trim(said["CMD"], `[]"`)
	if code := run([]string{command, "--help"}, io.Discard, io.Discard); code != 0 {
		t.Errorf("there is no command %s", command)
	}
}

func exists(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join("../..", path)); err != nil {
		t.Error(err)
	}
}
