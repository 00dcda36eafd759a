package wizard

import (
	"bytes"

	"spanwalk/steps"
)

// words is the set of words on the import lines of a file, as a Bloom filter:
// it never denies a word that is there. It lets a second look at a large tree
// read only the files that can reach a module, without keeping any text.
type words [32]uint64

func (w *words) add(word []byte) {
	a, b := wordHash(word)
	w[a>>6] |= 1 << (a & 63)
	w[b>>6] |= 1 << (b & 63)
}

func (w *words) has(word string) bool {
	a, b := wordHash([]byte(word))
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

// wordHash gives two numbers of eleven bits of FNV-1a.
func wordHash(word []byte) (a, b uint32) {
	h := uint32(2166136261)
	for _, c := range word {
		h = (h ^ uint32(c)) * 16777619
	}
	return h & 2047, h >> 21
}

var importWord = []byte("import")

// importWords gathers the words on every line that holds "import", and in the
// parentheses that follow. Prose about imports adds words too, which does no
// harm.
func importWords(data []byte) (w words) {
	for from := 0; ; {
		at := bytes.Index(data[from:], importWord)
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
		switch c := line[i]; {
		case isWordByte(c):
			j := i + 1
			for j < len(line) && isWordByte(line[j]) {
				j++
			}
			w.add(line[i:j])
			i = j
		case c == '*':
			w.add(line[i : i+1])
			i++
		default:
			i++
		}
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
