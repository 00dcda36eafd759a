package wizard

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Spans as SDKs send them.
const (
	rootSpan  = `{"trace_id":"t1","span_id":"r","name":"root","status":"ok","is_segment":true,"start_timestamp":1.5,"attributes":{"sentry.op":{"value":"task","type":"string"},"sentry.segment.id":{"value":"r","type":"string"}}}`
	childSpan = `{"trace_id":"t1","span_id":"c","parent_span_id":"r","name":"child","status":"error","is_segment":false,"start_timestamp":1.6,"attributes":{"sentry.segment.id":{"value":"r","type":"string"}}}`
)

// spanEnvelope is an envelope of streamed spans.
func spanEnvelope(spans ...string) string {
	payload := `{"version":2,"items":[` + strings.Join(spans, ",") + `]}`
	return fmt.Sprintf("{}\n{\"type\":\"span\",\"item_count\":%d,\"content_type\":%q,\"length\":%d}\n%s\n", len(spans), streamedContent, len(payload), payload)
}

// post sends a body and returns the status.
func post(t *testing.T, url, encoding string, body []byte) int {
	t.Helper()
	req, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Encoding", encoding)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

func start(t *testing.T, on func([]ReceivedSpan)) (*Sidecar, string) {
	t.Helper()
	s, err := StartSidecar(on)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	return s, "http://" + s.address + "/api/1/envelope/"
}

func packed(t *testing.T, data string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(data)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSidecarCountsWhatArrivesOnBothWaysOnce(t *testing.T) {
	var seen []string
	s, store := start(t, func(spans []ReceivedSpan) { seen = append(seen, treeLines(spans)...) })
	own := strings.ReplaceAll(childSpan, `"child"`, `"POST `+s.URL()+`"`)
	own = strings.Replace(own, `"c"`, `"own"`, 1)
	body := spanEnvelope(childSpan, own, rootSpan)
	for _, code := range []int{post(t, s.URL(), "", []byte(body)), post(t, store, "gzip", packed(t, body))} {
		if code != http.StatusOK {
			t.Errorf("status %d", code)
		}
	}
	event := "{}\n{\"type\":\"transaction\"}\n{\"event_id\":\"1\",\"transaction\":\"GET /\"}\n"
	post(t, s.URL(), "", []byte(event+strings.TrimPrefix(spanEnvelope(strings.ReplaceAll(rootSpan, `"r"`, `"gen_ai"`)), "{}\n")))
	post(t, store, "", []byte(event))
	post(t, store, "", []byte("{}\n{\"type\":\"event\"}\n{\"event_id\":\"2\"}\n"))
	post(t, store, "", []byte("{}\n{\"type\":\"client_report\"}\n{\"discarded_events\":[{\"reason\":\"sample_rate\",\"category\":\"span\",\"quantity\":4},{\"reason\":\"x\",\"category\":\"log_item\",\"quantity\":1}]}\n"))
	post(t, store, "br", []byte("?"))
	got := s.Stop()
	want := []string{"root  [task]  segment", "  child  error"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("drawn (-want +got):\n%s", diff)
	}
	if len(got.Spans) != 2 || len(got.Orphans()) != 0 || got.Errors != 1 || got.Packed != 1 || len(got.Unread) != 0 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"GET /"}, got.Transactions); diff != "" {
		t.Errorf("transactions:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"sample_rate": 4}, got.Discarded); diff != "" {
		t.Errorf("discarded:\n%s", diff)
	}
}

func TestSidecarReportsWhatItCannotRead(t *testing.T) {
	s, store := start(t, nil)
	for _, c := range []struct {
		encoding string
		body     []byte
		status   int
	}{
		{"", []byte("nonsense"), http.StatusOK},
		{"", []byte(spanEnvelope(`{"name":"nameless"}`, `{"trace_id":1}`)), http.StatusOK},
		{"gzip", []byte("not packed"), http.StatusBadRequest},
		{"gzip", packed(t, strings.Repeat("x", maxBody+1)), http.StatusRequestEntityTooLarge},
		{"", bytes.Repeat([]byte("x"), maxBody+1), http.StatusRequestEntityTooLarge},
		{"lz4", []byte("x"), http.StatusBadRequest},
	} {
		if code := post(t, store, c.encoding, c.body); code != c.status {
			t.Errorf("%q, %d bytes: status %d, want %d", c.encoding, len(c.body), code, c.status)
		}
	}
	if res, err := http.Get("http://" + s.address + "/assets/main.js"); err != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("another path: %v %v", res, err)
	}
	if n := len(s.Stop().Unread); n != 6 {
		t.Errorf("%d complaints, want 6: %q", n, s.got.Unread)
	}
}

// TestSidecarTakesManyAtOnce sends from many connections at once; the spans
// must all be there, and the receiver must be gone at the end.
func TestSidecarTakesManyAtOnce(t *testing.T) {
	const senders, each = 16, 25
	s, _ := start(t, nil)
	var group sync.WaitGroup
	for i := range senders {
		group.Go(func() {
			for j := range each {
				id, _ := json.Marshal(fmt.Sprintf("%d-%d", i, j))
				post(t, s.URL(), "", []byte(spanEnvelope(strings.ReplaceAll(rootSpan, `"r"`, string(id)))))
			}
		})
	}
	group.Wait()
	if got := s.Stop(); len(got.Spans) != senders*each || len(got.Unread) != 0 {
		t.Errorf("%d spans, want %d; %q", len(got.Spans), senders*each, got.Unread)
	}
	if c, err := net.Dial("tcp", s.address); err == nil {
		c.Close()
		t.Error("the receiver still listens")
	}
}

func TestTreeSurvivesWhatCannotBe(t *testing.T) {
	spans := []ReceivedSpan{
		{Trace: "t", ID: "a", Parent: "b", Name: "a"}, {Trace: "t", ID: "b", Parent: "a", Name: "b"},
		{Trace: "t", ID: "s", Parent: "s", Name: "self"}, {Trace: "t", ID: "late", Parent: "gone", Segment: "gone", Name: "late", Start: 1},
	}
	if diff := cmp.Diff([]string{"self", "late"}, treeLines(spans)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r := newReceived("self")
	r.Spans = spans
	if got := names(r.Orphans()); len(got) != 1 || got[0] != "late" {
		t.Errorf("orphans %q", got)
	}
}
