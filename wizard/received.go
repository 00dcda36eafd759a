package wizard

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Received is what a program sent to the receiver of "spanwalk verify".
type Received struct {
	Spans        []ReceivedSpan // streamed ones, in the order they arrived, each once
	Transactions []string       // names of transaction events, in the order they arrived
	Errors       int            // error events
	Envelopes    int
	Discarded    map[string]int // spans and transactions the SDK says it did not send, by its reason
	Unread       []string       // why envelopes or parts of them could not be read
	Packed       int            // envelopes packed with brotli, which were not read
	Overflow     int            // spans beyond [maxSpans], which were counted but not kept

	self  string // what names of spans about the receiver's own traffic hold
	spans map[string]bool
	seen  map[string]bool // ids of events
}

// ReceivedSpan is one streamed span.
type ReceivedSpan struct {
	Trace, ID, Parent string
	Segment           string // id of the span at the root of its process, "" if it was not told
	Root              bool   // it is such a segment itself
	Name, Op          string
	Failed            bool    // its status is error
	Start             float64 // seconds since 1970
}

// maxSpans is how many spans a run keeps for its tree; maxUnread how many
// complaints.
const (
	maxSpans  = 100_000
	maxUnread = 10
	maxName   = 100 // runes of a name that are kept
)

// streamedContent is the content type of streamed spans.
const streamedContent = "application/vnd.sentry.items.span.v2+json"

// newReceived returns an empty tally. Spans whose name holds self are the SDK's
// own requests to the receiver; they do not count.
func newReceived(self string) *Received {
	return &Received{Discarded: map[string]int{}, self: self, spans: map[string]bool{}, seen: map[string]bool{}}
}

// take counts one envelope and returns the spans it brought. The SDK may send
// an envelope on two ways; its second arrival brings nothing.
func (r *Received) take(data []byte) []ReceivedSpan {
	r.Envelopes++
	items, err := ParseEnvelope(data)
	if err != nil {
		r.complain(err)
	}
	// A transaction may carry converted spans along; these were not streamed.
	legacy := slices.ContainsFunc(items, func(i Item) bool { return i.Type == "transaction" })
	before := len(r.Spans)
	for _, item := range items {
		var err error
		switch {
		case item.Type == "transaction" || item.Type == "event":
			err = r.event(item)
		case item.Type == "client_report":
			err = r.report(item)
		case item.Type == "span" && item.ContentType == streamedContent && !legacy:
			err = r.streamed(item)
		}
		if err != nil {
			r.complain(fmt.Errorf("item %s: %w", item.Type, err))
		}
	}
	return r.Spans[before:]
}

func (r *Received) complain(err error) {
	if len(r.Unread) < maxUnread {
		r.Unread = append(r.Unread, clean(err.Error()))
	}
}

func (r *Received) event(item Item) error {
	var event struct {
		ID          string `json:"event_id"`
		Transaction string `json:"transaction"`
	}
	if err := json.Unmarshal(item.Payload, &event); err != nil {
		return err
	}
	if event.ID != "" && r.seen[event.ID] {
		return nil
	}
	r.seen[event.ID] = true
	if item.Type == "event" {
		r.Errors++
		return nil
	}
	r.Transactions = append(r.Transactions, clean(event.Transaction))
	return nil
}

// report adds up what the SDK says it did not send.
func (r *Received) report(item Item) error {
	var report struct {
		Discarded []struct {
			Reason, Category string
			Quantity         int
		} `json:"discarded_events"`
	}
	if err := json.Unmarshal(item.Payload, &report); err != nil {
		return err
	}
	for _, d := range report.Discarded {
		if d.Category == "span" || d.Category == "transaction" {
			r.Discarded[clean(d.Reason)] += d.Quantity
		}
	}
	return nil
}

// spanPayload is a streamed span as sent.
type spanPayload struct {
	TraceID    string                     `json:"trace_id"`
	SpanID     string                     `json:"span_id"`
	ParentID   string                     `json:"parent_span_id"`
	Name       string                     `json:"name"`
	Status     string                     `json:"status"`
	IsSegment  bool                       `json:"is_segment"`
	Start      float64                    `json:"start_timestamp"`
	Attributes map[string]json.RawMessage `json:"attributes"`
}

func (r *Received) streamed(item Item) error {
	var payload struct {
		Items []spanPayload `json:"items"`
	}
	if err := json.Unmarshal(item.Payload, &payload); err != nil {
		return err
	}
	for _, s := range payload.Items {
		if s.TraceID == "" || s.SpanID == "" {
			r.complain(fmt.Errorf("a span without an id: %q", s.Name))
			continue
		}
		if r.spans[s.TraceID+s.SpanID] || strings.Contains(s.Name, r.self) {
			continue
		}
		if len(r.Spans) >= maxSpans {
			r.Overflow++
			continue
		}
		r.spans[s.TraceID+s.SpanID] = true
		r.Spans = append(r.Spans, ReceivedSpan{Trace: s.TraceID, ID: s.SpanID, Parent: s.ParentID,
			Segment: s.text("sentry.segment.id"), Root: s.IsSegment, Name: clean(s.Name),
			Op: clean(s.text("sentry.op")), Failed: s.Status == "error", Start: s.Start})
	}
	return nil
}

// text returns an attribute that is text, else "".
func (s spanPayload) text(key string) string {
	var a struct {
		Value any `json:"value"`
	}
	if json.Unmarshal(s.Attributes[key], &a) != nil {
		return ""
	}
	text, _ := a.Value.(string)
	return text
}

// Orphans returns the spans whose segment did not arrive. It cannot be told
// when some spans were not kept.
func (r *Received) Orphans() []ReceivedSpan {
	if r.Overflow > 0 {
		return nil
	}
	roots := map[string]bool{}
	for _, s := range r.Spans {
		if s.Root {
			roots[s.Trace+s.ID] = true
		}
	}
	var out []ReceivedSpan
	for _, s := range r.Spans {
		if !s.Root && s.Segment != "" && !roots[s.Trace+s.Segment] {
			out = append(out, s)
		}
	}
	return out
}

// clean makes text from outside fit for a line of a terminal.
func clean(text string) string {
	var b strings.Builder
	n := 0
	for _, c := range text {
		if n++; n > maxName {
			return b.String() + "..."
		}
		if !unicode.IsPrint(c) {
			c = '?'
		}
		b.WriteRune(c)
	}
	return b.String()
}

// treeLines draws spans below their parents, two spaces a level, by the time
// they started. Spans whose parent is not among them stand at the left.
func treeLines(spans []ReceivedSpan) []string {
	here, below := map[string]bool{}, map[string][]ReceivedSpan{}
	for _, s := range spans {
		here[s.Trace+s.ID] = true
	}
	for _, s := range spans {
		parent := s.Trace + s.Parent
		if s.Parent == "" || s.Parent == s.ID || !here[parent] {
			parent = ""
		}
		below[parent] = append(below[parent], s)
	}
	var out []string
	drawn := map[string]bool{}
	var draw func(list []ReceivedSpan, depth int)
	draw = func(list []ReceivedSpan, depth int) {
		slices.SortStableFunc(list, func(a, b ReceivedSpan) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Name, b.Name))
		})
		for _, s := range list {
			if id := s.Trace + s.ID; !drawn[id] { // what is sent may claim to be its own ancestor
				drawn[id] = true
				out = append(out, strings.Repeat("  ", min(depth, maxDepth))+s.line())
				draw(below[id], depth+1)
			}
		}
	}
	draw(below[""], 0)
	return out
}

// maxDepth is how far a tree is indented.
const maxDepth = 20

// line writes a span: its name, its op, and what is special about it.
func (s ReceivedSpan) line() string {
	line := s.Name
	if s.Op != "" {
		line += "  [" + s.Op + "]"
	}
	if s.Root {
		line += "  segment"
	}
	if s.Failed {
		line += "  error"
	}
	return line
}
