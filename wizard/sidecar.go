package wizard

import (
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Sidecar is a receiver on the loopback interface that takes envelopes as
// Spotlight does (POST /stream) and as Sentry does (POST /api/1/envelope/).
//
// Both ways are needed. Spotlight's is given everything, also by a program with
// a DSN of its own; but an SDK without any DSN does not send what it holds when
// the program ends, so the receiver is given as the DSN too.
type Sidecar struct {
	server  *http.Server
	address string // host:port
	done    chan struct{}

	mu  sync.Mutex // guards got
	got *Received
	on  func([]ReceivedSpan)
}

// The limits of one envelope: a body larger than maxBody, packed or unpacked,
// is refused and reported. SDKs send what they hold at 5 MB.
const (
	maxBody     = 32 << 20
	readTimeout = 30 * time.Second
	endTimeout  = 2 * time.Second // for requests that run while the receiver ends
)

// StartSidecar starts a receiver on a free port of 127.0.0.1. on, which may be
// nil, is called with the spans of each envelope, one call at a time.
func StartSidecar(on func([]ReceivedSpan)) (*Sidecar, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the receiver: %w", err)
	}
	s := &Sidecar{address: listener.Addr().String(), done: make(chan struct{}), on: on}
	s.got = newReceived(s.address + "/")
	mux := http.NewServeMux()
	mux.HandleFunc("POST /stream", s.receive)
	mux.HandleFunc("POST /api/{project}/envelope/", s.receive)
	s.server = &http.Server{Handler: mux, ReadTimeout: readTimeout, MaxHeaderBytes: 64 << 10, ErrorLog: nil}
	go func() {
		defer close(s.done)
		_ = s.server.Serve(listener) // ends when Stop closes it
	}()
	return s, nil
}

// URL is what SENTRY_SPOTLIGHT is set to.
func (s *Sidecar) URL() string { return "http://" + s.address + "/stream" }

// DSN is what SENTRY_DSN is set to.
func (s *Sidecar) DSN() string { return "http://spanwalk@" + s.address + "/1" }

// Stop ends the receiver and returns what it was sent. Requests that are under
// way have a moment to finish.
func (s *Sidecar) Stop() *Received {
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close()
	}
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got
}

func (s *Sidecar) receive(w http.ResponseWriter, r *http.Request) {
	data, err := readBody(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case errors.Is(err, errBrotli):
		s.got.Packed++
	case errors.Is(err, errTooLarge):
		s.got.complain(err)
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		s.got.complain(err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	default:
		if spans := s.got.take(data); s.on != nil && len(spans) > 0 {
			s.on(spans)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}

// errBrotli says that an envelope came in a form that the standard library does
// not unpack. SDKs use it on Sentry's way where the package brotli is installed;
// on Spotlight's the same envelope comes as it is.
var errBrotli = errors.New("packed with brotli")

var errTooLarge = fmt.Errorf("an envelope of more than %d MB was refused", maxBody>>20)

// readBody returns the unpacked body of a request.
func readBody(r *http.Request) ([]byte, error) {
	body := io.Reader(io.LimitReader(r.Body, maxBody+1))
	var err error
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip":
		body, err = gzip.NewReader(body)
	case "deflate":
		body, err = zlib.NewReader(body)
	case "br":
		return nil, errBrotli
	default:
		return nil, fmt.Errorf("an envelope packed as %q cannot be read", clean(encoding))
	}
	if err != nil {
		return nil, fmt.Errorf("unpack an envelope: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	switch {
	case len(data) > maxBody:
		return nil, errTooLarge
	case err != nil:
		return nil, fmt.Errorf("read an envelope: %w", err)
	}
	return data, nil
}
