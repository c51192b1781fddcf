// The helloworld sample: says which version answers, and from which pod.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	address = ":5000"
	// Callers learn of an ending pod later than the pod itself, so it answers on for a moment.
	drain = 3 * time.Second
	// A request that is under way then may still end.
	grace = 5 * time.Second
)

func hello(answer http.ResponseWriter, _ *http.Request) {
	instance, err := os.Hostname()
	if err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
		return
	}
	version := os.Getenv("SERVICE_VERSION")
	fmt.Fprintf(answer, "Hello version: %s, instance: %s\n", version, instance)
}

func health(answer http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(answer, "Helloworld is healthy")
}

func main() {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /hello", hello)
	routes.HandleFunc("GET /health", health)
	server := &http.Server{Addr: address, Handler: routes, ReadHeaderTimeout: grace}

	ended := make(chan struct{})
	go func() {
		end := make(chan os.Signal, 1)
		signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
		<-end
		server.SetKeepAlivesEnabled(false)
		time.Sleep(drain)
		limit, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		if err := server.Shutdown(limit); err != nil {
			log.Print(err)
		}
		close(ended)
	}()

	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-ended
}
