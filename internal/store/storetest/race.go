package storetest

import (
	"runtime/debug"
	"slices"
)

// Instrumented reports whether the race detector is built in, which takes several
// times the memory and the processor's time: figures of either are judged without it.
func Instrumented() bool {
	info, known := debug.ReadBuildInfo()
	return known && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
