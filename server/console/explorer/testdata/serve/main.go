// Command serve runs the explorer alone on a free loopback port and prints its
// address, for the browser tests; it ends when its standard input closes.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/tributary/tributary/server/console/explorer"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	page := http.Server{Handler: explorer.Handler("/graphql"), ReadHeaderTimeout: time.Second}
	log.Fatal(page.Serve(listener))
}
