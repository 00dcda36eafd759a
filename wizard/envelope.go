package wizard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Item is one item of an envelope, the form in which SDKs send things to
// Sentry.
type Item struct {
	Type        string // such as "span", "transaction", "event"
	ContentType string
	Payload     []byte
}

var errNoHeader = errors.New("no header line")

// ParseEnvelope reads an envelope: a line of JSON, then for each item a line of
// JSON with its type and, where it is known, its length, and the payload, ended
// by a line feed. Items before a malformed one are returned with the error.
func ParseEnvelope(data []byte) ([]Item, error) {
	line, rest := cutLine(data)
	if err := json.Unmarshal(line, &struct{}{}); err != nil {
		return nil, fmt.Errorf("envelope: %w: %w", errNoHeader, err)
	}
	var items []Item
	for len(rest) > 0 {
		if line, rest = cutLine(rest); len(line) == 0 {
			continue
		}
		var header struct {
			Type        string `json:"type"`
			ContentType string `json:"content_type"`
			Length      *int   `json:"length"`
		}
		if err := json.Unmarshal(line, &header); err != nil {
			return items, fmt.Errorf("envelope: header of item %d: %w", len(items)+1, err)
		}
		item := Item{Type: header.Type, ContentType: header.ContentType}
		switch n := header.Length; {
		case n == nil:
			item.Payload, rest = cutLine(rest)
		case *n < 0 || *n > len(rest):
			return items, fmt.Errorf("envelope: item %d says it is %d bytes long; %d are left", len(items)+1, *n, len(rest))
		default:
			item.Payload, rest = rest[:*n], bytes.TrimPrefix(rest[*n:], []byte("\n"))
		}
		items = append(items, item)
	}
	return items, nil
}

// cutLine returns the bytes before the first line feed and those after it.
func cutLine(data []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(data, []byte("\n"))
	return line, rest
}
