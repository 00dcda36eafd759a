package steps

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// HandOut is a name of the project that spans go through: a function or method
// that hands them out or takes them, a variable of a module or an attribute
// that holds one.
type HandOut struct {
	Name   string // what it is called in the files that use it
	Module string // the word an import of it must hold: the last component of the module's name; "" where that cannot be told
	Member bool   // it may be got at without being imported: a method or an attribute
}

// compare orders names by what they are, then where.
func (h HandOut) compare(other HandOut) int {
	if c := cmp.Or(strings.Compare(h.Name, other.Name), strings.Compare(h.Module, other.Module)); c != 0 || h.Member == other.Member {
		return c
	}
	if h.Member {
		return 1
	}
	return -1
}

// Covered reports a name whose uses are parsed in every file that is read at
// all.
func (h HandOut) Covered() bool { return containsAny([]byte(h.Name), statementTokens) }

// HandOuts is a list of such names, ready to be looked for in many files.
type HandOuts struct {
	list    []HandOut
	words   map[string]bool // the names and their modules
	lengths [256]uint64     // by first byte the lengths of words, as bits; 63 stands for longer ones too
}

// NewHandOuts prepares a list.
func NewHandOuts(list []HandOut) *HandOuts {
	o := &HandOuts{list: list, words: map[string]bool{}}
	for _, h := range list {
		for _, word := range []string{h.Name, h.Module} {
			if word != "" {
				o.words[word] = true
				o.lengths[word[0]] |= 1 << min(len(word), 63)
			}
		}
	}
	return o
}

// in returns which of the words a source holds.
func (o *HandOuts) in(source []byte) map[string]bool {
	found := map[string]bool{}
	for i := 0; i < len(source); {
		if !isWordByte(source[i]) {
			i++
			continue
		}
		start := i
		for i++; i < len(source) && isWordByte(source[i]); i++ {
		}
		if word := source[start:i]; o.lengths[word[0]]>>min(len(word), 63)&1 != 0 && o.words[string(word)] {
			found[string(word)] = true
		}
	}
	return found
}

// few is up to how many words it is quicker to look for one after the other.
const few = 12

// UsesAny reports whether a file may use one of some of the names, so that its
// statements are needed. It may also bring a name to others unseen, by a star
// import.
func (o *HandOuts) UsesAny(source []byte, some []HandOut) bool {
	holds := func(word string) bool { return word != "" && containsWord(source, word) }
	if len(some) > few {
		found := o.in(source)
		holds = func(word string) bool { return found[word] }
	}
	unseen, dots := Index(source, "import *") >= 0, importsDots(source)
	return slices.ContainsFunc(some, func(h HandOut) bool {
		return (unseen || holds(h.Name)) && (dots || holds(h.Module) || binds(source, h.Name))
	})
}

// used returns the names that a file may use: it holds them, and imports a
// module that has them, be it by dots alone, or binds them itself.
func (o *HandOuts) used(source []byte) []string {
	var out []string
	found, dots := o.in(source), importsDots(source)
	for _, h := range o.list {
		if found[h.Name] && !slices.Contains(out, h.Name) && (dots || found[h.Module] || binds(source, h.Name)) {
			out = append(out, h.Name)
		}
	}
	return out
}

const importWord = "import"

// importsDots reports whether a source imports from a package that only dots
// name.
func importsDots(source []byte) bool {
	for from := 0; ; from += len(importWord) {
		at := Index(source[from:], importWord)
		if at < 0 {
			return false
		}
		if from += at; dotsBefore(source[:from]) > 0 {
			return true
		}
	}
}

// dotsBefore returns how many dots stand alone between a "from" and the end of
// a text.
func dotsBefore(text []byte) int {
	text = bytes.TrimRight(text, " \t")
	dotted := bytes.TrimRight(text, ".")
	before := bytes.TrimRight(dotted, " \t")
	word, ok := bytes.CutSuffix(before, []byte("from"))
	if !ok || len(word) > 0 && isWordByte(word[len(word)-1]) {
		return 0
	}
	return len(text) - len(dotted)
}

// DotPackage returns the last component of the name of the package that a file
// imports from by dots alone, as in "from .. import make"; "" if the statement
// names it or it has none. file is the file's path, before what stands in it in
// front of the word "import".
func DotPackage(file string, before []byte) string {
	folder := file
	for range dotsBefore(before) {
		folder = path.Dir(folder)
	}
	if folder == file || folder == "." || folder == "/" {
		return ""
	}
	return path.Base(folder)
}

// binds reports whether a source holds a def, a class, an assignment or an "as"
// that binds a name.
func binds(source []byte, name string) bool {
	for from := 0; ; {
		at, end := nextWord(source, name, from)
		if at < 0 {
			return false
		}
		before := source[:at]
		if bytes.HasPrefix(source[end:], []byte(" =")) || bytes.HasSuffix(before, []byte("def ")) || bytes.HasSuffix(before, []byte("class ")) || bytes.HasSuffix(before, []byte("as ")) {
			return true
		}
		from = end
	}
}

// StatementsWith is [Statements] for projects in which functions of their own
// hand out spans.
func StatementsWith(out []HandOut) rewrite.Filter {
	o := NewHandOuts(slices.DeleteFunc(slices.Clone(out), HandOut.Covered))
	return func(source []byte) func(statement []byte) bool {
		return statementsWith(source, o.used(source))
	}
}
