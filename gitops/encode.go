package gitops

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// treeEntry is one line of a tree object.
type treeEntry struct {
	mode string // octal without leading zeros, as trees hold it
	name string
	hash Hash
}

// Modes of tree entries and index entries.
const (
	modeRegular    = 0o100644
	modeExecutable = 0o100755
	modeSymlink    = 0o120000
	modeSubmodule  = 0o160000
	modeTree       = 0o040000
)

func (e treeEntry) isTree() bool { return e.mode == "40000" }

// modeNumber returns the mode as the index holds it.
func (e treeEntry) modeNumber() uint32 {
	n, err := strconv.ParseUint(e.mode, 8, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// parseTree reads a tree object whose ids have hashSize bytes.
func parseTree(data []byte, hashSize int) ([]treeEntry, error) {
	var entries []treeEntry
	for len(data) > 0 {
		mode, rest, found := bytes.Cut(data, []byte{' '})
		name, rest, found2 := bytes.Cut(rest, []byte{0})
		if !found || !found2 || len(rest) < hashSize {
			return nil, errors.New("broken tree object")
		}
		entries = append(entries, treeEntry{string(mode), string(name), Hash(hex.EncodeToString(rest[:hashSize]))})
		data = rest[hashSize:]
	}
	return entries, nil
}

// encodeTree writes a tree object; it sorts entries into Git's order.
func encodeTree(entries []treeEntry) ([]byte, error) {
	slices.SortFunc(entries, func(a, b treeEntry) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	var out bytes.Buffer
	for _, e := range entries {
		id, err := hex.DecodeString(string(e.hash))
		if err != nil {
			return nil, fmt.Errorf("tree entry %s: %w", e.name, err)
		}
		fmt.Fprintf(&out, "%s %s\x00", e.mode, e.name)
		out.Write(id)
	}
	return out.Bytes(), nil
}

// sortKey is the name, with a slash after a folder's, which is how Git orders.
func (e treeEntry) sortKey() string {
	if e.isTree() {
		return e.name + "/"
	}
	return e.name
}

// signature is who did something and when.
type signature struct {
	name, email string
	when        time.Time
}

// String returns the form in commits and reflogs.
func (s signature) String() string {
	return fmt.Sprintf("%s <%s> %d %s", s.name, s.email, s.when.Unix(), s.when.Format("-0700"))
}

// parseSignature reads the form in commits; a broken date gives the zero time.
func parseSignature(line string) signature {
	open, end := strings.IndexByte(line, '<'), strings.LastIndexByte(line, '>')
	if open < 0 || end < open {
		return signature{name: strings.TrimSpace(line)}
	}
	s := signature{name: strings.TrimSpace(line[:open]), email: line[open+1 : end]}
	seconds, zone, _ := strings.Cut(strings.TrimSpace(line[end+1:]), " ")
	if n, err := strconv.ParseInt(seconds, 10, 64); err == nil {
		s.when = time.Unix(n, 0).In(parseZone(zone))
	}
	return s
}

// parseZone reads +hhmm.
func parseZone(text string) *time.Location {
	t, err := time.Parse("-0700", text)
	if err != nil {
		return time.UTC
	}
	_, offset := t.Zone()
	return time.FixedZone("", offset)
}

// commitObject is a commit as far as we read and write it.
type commitObject struct {
	tree              Hash
	parents           []Hash
	author, committer signature
	message           string
}

func (c commitObject) encode() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "tree %s\n", c.tree)
	for _, p := range c.parents {
		fmt.Fprintf(&out, "parent %s\n", p)
	}
	fmt.Fprintf(&out, "author %s\ncommitter %s\n\n%s", c.author, c.committer, c.message)
	return out.Bytes()
}

// parseCommit reads a commit object. Headers it does not know, such as
// signatures, are passed over.
func parseCommit(data []byte) (commitObject, error) {
	var c commitObject
	head, message, found := strings.Cut(string(data), "\n\n")
	if !found {
		head = strings.TrimSuffix(string(data), "\n")
	}
	c.message = message
	for line := range strings.SplitSeq(head, "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree":
			c.tree = Hash(value)
		case "parent":
			c.parents = append(c.parents, Hash(value))
		case "author":
			c.author = parseSignature(value)
		case "committer":
			c.committer = parseSignature(value)
		}
	}
	if c.tree == "" {
		return c, errors.New("broken commit object")
	}
	return c, nil
}

// readCommit reads a commit of the repository.
func (r *Repo) readCommit(h Hash) (commitObject, error) {
	data, err := r.readKind(h, commitKind)
	if err != nil {
		return commitObject{}, err
	}
	return parseCommit(data)
}

// readTree reads a tree of the repository.
func (r *Repo) readTree(h Hash) ([]treeEntry, error) {
	data, err := r.readKind(h, treeKind)
	if err != nil {
		return nil, err
	}
	return parseTree(data, r.hashSize)
}
