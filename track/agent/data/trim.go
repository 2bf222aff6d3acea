//go:build ignore

// trim rebuilds crawlers.txt and ../testdata/instances.txt from the JSON of the
// npm package crawler-user-agents:
//
//	npm pack crawler-user-agents@1.60.0 && tar xzf crawler-user-agents-1.60.0.tgz
//	go run trim.go package/crawler-user-agents.json
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
)

const source = `# Source: npm crawler-user-agents 1.60.0, file crawler-user-agents.json
# (https://github.com/monperrus/crawler-user-agents), MIT licence,
# Copyright (c) 2017 Martin Monperrus; text in data/LICENSE.crawler-user-agents.
# Rebuilt by data/trim.go; not edited by hand.
`

type entry struct {
	Pattern   string
	Instances []string
	Tags      []string
}

func main() {
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var entries []entry
	if err := json.Unmarshal(raw, &entries); err != nil {
		log.Fatal(err)
	}
	patterns, instances := bytes.NewBufferString(source), bytes.NewBufferString(source)
	for _, e := range entries {
		kind := "crawler"
		if slices.Contains(e.Tags, "social-preview") {
			kind = "preview"
		}
		fmt.Fprintf(patterns, "%s\t%s\n", kind, e.Pattern)
		for _, agent := range e.Instances {
			fmt.Fprintln(instances, agent)
		}
	}
	save("crawlers.txt", patterns)
	save("../testdata/instances.txt", instances)
}

func save(name string, text *bytes.Buffer) {
	if err := os.WriteFile(name, text.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
