package wizard

import (
	"bytes"

	"spanwalk/steps"
)

// words is the set of words on the import lines of a file, as a Bloom filter:
// it never denies a word that is there. It lets a second look at a large tree
// read only the files that can reach a module, without keeping any text.
type words [32]uint64

// add adds the word that has a hash.
func (w *words) add(h uint32) {
	a, b := h&2047, h>>21
	w[a>>6] |= 1 << (a & 63)
	w[b>>6] |= 1 << (b & 63)
}

func (w *words) has(word string) bool {
	h := firstHash
	for i := range len(word) {
		h = nextHash(h, word[i])
	}
	a, b := h&2047, h>>21
	return w[a>>6]&(1<<(a&63)) != 0 && w[b>>6]&(1<<(b&63)) != 0
}

// reaching returns the names whose module may be there.
func (w *words) reaching(list []steps.HandOut) []steps.HandOut {
	var out []steps.HandOut
	for _, h := range list {
		if h.Module != "" && w.has(h.Module) {
			out = append(out, h)
		}
	}
	return out
}

// Words are hashed with FNV-1a, of which two numbers of eleven bits are used.
const firstHash = uint32(2166136261)

func nextHash(h uint32, c byte) uint32 { return (h ^ uint32(c)) * 16777619 }

const importWord = "import"

// importWords gathers the words on every line that holds "import", and in the
// parentheses that follow. Prose about imports adds words too, which does no
// harm.
func importWords(data []byte) (w words) {
	for from := 0; ; {
		at := steps.Index(data[from:], importWord)
		if at < 0 {
			return w
		}
		at += from
		from = at + len(importWord)
		begin := bytes.LastIndexByte(data[:at], '\n') + 1
		end := importEnd(data, from)
		addWords(&w, data[begin:end])
		from = end
	}
}

// importEnd returns where an import statement ends whose names begin at from.
func importEnd(data []byte, from int) int {
	end := len(data)
	if i := bytes.IndexByte(data[from:], '\n'); i >= 0 {
		end = from + i
	}
	for end < len(data) && end > from && data[end-1] == '\\' {
		i := bytes.IndexByte(data[end+1:], '\n')
		if i < 0 {
			return len(data)
		}
		end += 1 + i
	}
	if open := bytes.IndexByte(data[from:end], '('); open >= 0 {
		if i := bytes.IndexByte(data[from+open:], ')'); i >= 0 {
			end = max(end, from+open+i)
		}
	}
	return end
}

func addWords(w *words, line []byte) {
	for i := 0; i < len(line); {
		c := line[i]
		if !wordByte[c] {
			if c == '*' {
				w.add(nextHash(firstHash, c))
			}
			i++
			continue
		}
		h := firstHash
		for ; i < len(line) && wordByte[line[i]]; i++ {
			h = nextHash(h, line[i])
		}
		w.add(h)
	}
}

// wordByte tells the bytes of identifiers.
var wordByte = func() (table [256]bool) {
	for c := range table {
		table[c] = c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
	}
	return table
}()
