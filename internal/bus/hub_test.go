package bus

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

func TestWakeIsCoalescedPerTopic(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{})
	orders, stop := b.OnWake("orders")
	other, stopOther := b.OnWake("other")
	defer stopOther()
	for range 1000 {
		b.Wake("orders")
	}
	wait(t, orders, "wake")
	if len(orders) != 0 || len(other) != 0 {
		t.Fatal("a thousand wakes must be felt as one, by their topic only")
	}
	b.Wake("orders")
	wait(t, orders, "wake after wake")
	stop()
	b.Wake("orders")
	if len(orders) != 0 {
		t.Fatal("woken after stop")
	}
}

func TestPublishReachesSubscribersInOrder(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{})
	got := make(chan string, 3)
	stop := b.Subscribe("links", func(data []byte) { got <- string(data) })
	b.Publish("elsewhere", []byte("x"))
	for _, v := range []string{"a", "b", ""} {
		b.Publish("links", []byte(v))
	}
	for _, want := range []string{"a", "b", ""} {
		if v := wait(t, got, "value"); v != want {
			t.Fatalf("got %q, want %q", v, want)
		}
	}
	stop()
	stop()
	b.Publish("links", []byte("x"))
	if len(got) != 0 {
		t.Fatal("called after stop")
	}
}

// TestSubscribeTellsTheSlowOne: a subscriber that fell behind hears so.
func TestSubscribeTellsTheSlowOne(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{})
	busy, goOn := make(chan struct{}, 1), make(chan struct{})
	lost := make(chan struct{}, 1)
	b.Subscribe("links", func(data []byte) {
		if data == nil {
			hint(lost)
			return
		}
		hint(busy)
		<-goOn
	})
	b.Publish("links", []byte("first"))
	wait(t, busy, "first value")
	for range listenerRoom + 1 {
		b.Publish("links", []byte("more"))
	}
	close(goOn)
	wait(t, lost, "loss")
}

// clusterURL runs a server of its own on loopback, as a cluster stands for.
func clusterURL(t *testing.T) (*server.Server, string) {
	t.Helper()
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(patience) {
		t.Fatal("server did not start")
	}
	return srv, srv.ClientURL()
}

// clusterRoom is enough for what tests append: by default each stream asks a cluster for
// 4 GiB, which a machine with little free disk refuses.
const clusterRoom = 64 << 20

// TestClusterJoinsServers: two buses on one cluster share stream and wake-ups,
// and a third deployment beside them sees nothing of it.
func TestClusterJoinsServers(t *testing.T) {
	t.Parallel()
	_, url := clusterURL(t)
	here, there := openTest(t, Config{URL: url, MaxBytes: clusterRoom}), openTest(t, Config{URL: url, MaxBytes: clusterRoom})
	stranger := openTest(t, Config{URL: url, Name: "stranger", MaxBytes: clusterRoom})

	woken, _ := there.OnWake("orders")
	own, _ := here.OnWake("orders")
	foreign, _ := stranger.OnWake("orders")
	here.Wake("orders")
	wait(t, woken, "wake on the other server")
	wait(t, own, "wake on this server")

	values := make(chan string, 1)
	there.Subscribe("links", func(data []byte) { values <- string(data) })
	here.Publish("links", []byte("lnk_1"))
	if v := wait(t, values, "value"); v != "lnk_1" {
		t.Fatalf("got %q", v)
	}
	if len(own) != 0 || len(foreign) != 0 {
		t.Fatal("a server must not hear its own wake twice, nor another deployment's")
	}

	want := appendNumbered(t, here, "r", 20)
	stored := newCollector()
	consume(t, there, stored.handle)
	stored.awaitAll(t, want)
}

// TestClusterLossIsRefusedAndHinted stops the cluster: appends are refused by
// their deadline, and after a reconnection every listener is told to look again.
func TestClusterLossIsRefusedAndHinted(t *testing.T) {
	t.Parallel()
	srv, url := clusterURL(t)
	b := openTest(t, Config{URL: url, Deadline: 50 * time.Millisecond})
	appendNumbered(t, b, "r", 1)
	woken, _ := b.OnWake("orders")
	lost := make(chan struct{}, 1)
	b.Subscribe("links", func(data []byte) {
		if data == nil {
			hint(lost)
		}
	})
	if err := srv.ShutdownJetStream(); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, b.Append(context.Background(), []byte("x")), Late)
	if b.Healthy() == nil {
		t.Fatal("healthy without a stream")
	}
	if err := b.conn.ForceReconnect(); err != nil {
		t.Fatal(err)
	}
	wait(t, woken, "wake after reconnection")
	wait(t, lost, "reload after reconnection")
}

func TestClusterRefusesAForeignStream(t *testing.T) {
	t.Parallel()
	_, url := clusterURL(t)
	b := openTest(t, Config{URL: url})
	if err := addLimitsStream(t, b, "odd-clicks"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{URL: url, Name: "odd"}); err == nil {
		t.Fatal("a stream with limits retention would delete unconsumed clicks")
	}
}
