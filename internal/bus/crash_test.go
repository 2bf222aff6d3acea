package bus

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// crashDirEnv makes a child of this test binary append to that folder until it is killed.
const crashDirEnv = "TRIBUTARY_BUS_CRASH_DIR"

const crashCallers = 64

// appendForever prints each record after it was acknowledged, one a line.
func appendForever(dir string) {
	b, err := Open(context.Background(), Config{Dir: dir})
	if err != nil {
		fmt.Println("!", err)
		os.Exit(1)
	}
	acked := make(chan string)
	for caller := range crashCallers {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), caller, n)
				if b.Append(context.Background(), []byte(id)) == nil {
					acked <- id
				}
			}
		}()
	}
	for id := range acked {
		_, _ = fmt.Fprintln(os.Stdout, id)
	}
}

// TestStreamSurvivesKill kills a process in the middle of its appends, several
// times on one folder. Every record it had acknowledged must come out.
func TestStreamSurvivesKill(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	dir := t.TempDir()
	var acked []string
	for range 4 {
		acked = append(acked, killAfter(t, dir, 200+random.IntN(3000))...)
	}
	b := openTest(t, Config{Dir: dir})
	stored := newCollector()
	consume(t, b, stored.handle)
	stored.awaitAll(t, acked)
}

// killAfter runs the child until it has acknowledged n records, kills it, and
// gives everything it had printed by then.
func killAfter(t *testing.T, dir string, n int) (acked []string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), crashDirEnv+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		acked = append(acked, lines.Text())
		if len(acked) == n {
			if err := child.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait()
	if len(acked) < n {
		t.Fatalf("the child ended by itself: %q", acked)
	}
	return acked[:len(acked)-1] // the last line may be cut off
}
