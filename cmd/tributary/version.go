package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionCmd prints which build this is.
type versionCmd struct{}

// Run prints version, compiler and platform.
func (versionCmd) Run(a *app) error {
	_, err := fmt.Fprintf(a.stdout, "tributary %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// version is what the compiler noted: a release's tag, else the revision.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, dirty := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	return revision + dirty
}
