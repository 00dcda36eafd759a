package wizard

import (
	"bytes"

	"spanwalk/steps"
)

// words is the set of words on the import lines of a file, as a Bloom filter:
// it never denies a word that is there. Those that are imported count apart
// from those that only say where from. It lets a second look at a large tree
// read only the files that can reach a module, without keeping any text.
type words [32]uint64

// Words are hashed with FNV-1a, of which two numbers of eleven bits are used.
// One that is imported is hashed a second time from another beginning.
const (
	firstHash    = uint32(2166136261)
	importedHash = uint32(2946022943) // any other number
)

func nextHash(h uint32, c byte) uint32 { return (h ^ uint32(c)) * 16777619 }

func hashWord(h uint32, word string) uint32 {
	for i := range len(word) {
		h = nextHash(h, word[i])
	}
	return h
}

// add adds the word that has a hash.
func (w *words) add(h uint32) {
	a, b := h&2047, h>>21
	w[a>>6] |= 1 << (a & 63)
	w[b>>6] |= 1 << (b & 63)
}

// has reports whether the word that has a hash may be there.
func (w *words) has(h uint32) bool {
	a, b := h&2047, h>>21
	return w[a>>6]&(1<<(a&63)) != 0 && w[b>>6]&(1<<(b&63)) != 0
}

// modules are names by the module that has them, ready to be looked for among
// the words of many files.
type modules []module

// module is the names of one module.
type module struct {
	word, imported uint32 // hashes of its name
	names          []name
}

type name struct {
	steps.HandOut
	imported uint32 // the hash of its name
}

// byModule gathers the names whose module can be told.
func byModule(list []steps.HandOut) modules {
	var out modules
	at := map[string]int{}
	for _, h := range list {
		if h.Module == "" {
			continue
		}
		i, known := at[h.Module]
		if !known {
			i = len(out)
			at[h.Module] = i
			out = append(out, module{word: hashWord(firstHash, h.Module), imported: hashWord(importedHash, h.Module)})
		}
		out[i].names = append(out[i].names, name{h, hashWord(importedHash, h.Name)})
	}
	return out
}

var star = hashWord(importedHash, "*")

// reachedBy returns the names that a file may get at by its imports: of a
// module, it imports the name, the module or everything; a member of something
// may come with another name.
func (m modules) reachedBy(w *words) []steps.HandOut {
	var out []steps.HandOut
	for i := range m {
		if !w.has(m[i].word) {
			continue
		}
		whole := w.has(m[i].imported) || w.has(star)
		for _, n := range m[i].names {
			if whole || n.Member || w.has(n.imported) {
				out = append(out, n.HandOut)
			}
		}
	}
	return out
}

const importWord = "import"

// importWords gathers the words on every line of a file that holds "import",
// and in the parentheses that follow; where dots alone name a package, the last
// component of its name. Prose about imports adds words too, which does no
// harm.
func importWords(path string, data []byte) (w words) {
	for from := 0; ; {
		at := steps.Index(data[from:], importWord)
		if at < 0 {
			return w
		}
		at += from
		from = at + len(importWord)
		begin := bytes.LastIndexByte(data[:at], '\n') + 1
		end := importEnd(data, from)
		addWords(&w, data[begin:end], firstHash)
		addWords(&w, data[from:end], importedHash)
		if name := steps.DotPackage(path, data[begin:at]); name != "" {
			w.add(hashWord(firstHash, name))
		}
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

// addWords adds the words of a line, hashed from a beginning.
func addWords(w *words, line []byte, first uint32) {
	for i := 0; i < len(line); {
		c := line[i]
		if !wordByte[c] {
			if c == '*' {
				w.add(nextHash(first, c))
			}
			i++
			continue
		}
		h := first
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
