package rewrite

import (
	"bytes"
	"os"
	"testing"
)

// corpus reads a sample of the standard library into memory.
func corpus(b *testing.B) (files [][]byte) {
	b.Helper()
	size := 0
	for _, path := range stdlib(b, 12) {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Parse(path, data, nil); err == nil {
			files = append(files, data)
			size += len(data)
		}
	}
	b.SetBytes(int64(size))
	return files
}

func benchmarkParse(b *testing.B, want Filter) {
	files := corpus(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, data := range files {
			if _, err := Parse("x.py", data, want); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkParse parses every statement.
func BenchmarkParse(b *testing.B) { benchmarkParse(b, nil) }

// BenchmarkParseFew parses the few statements a step asks for, and those that
// may bind names in ways only a parse shows.
func BenchmarkParseFew(b *testing.B) {
	holds := func(s []byte) bool { return bytes.Contains(s, []byte("logging")) }
	benchmarkParse(b, func([]byte) func([]byte) bool { return holds })
}

// BenchmarkChunks cuts files into statements without parsing any.
func BenchmarkChunks(b *testing.B) {
	files := corpus(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, data := range files {
			chunks(data, 0)
		}
	}
}

// BenchmarkFastParser reads the statements that the fast parser takes.
func BenchmarkFastParser(b *testing.B) {
	type statement struct {
		f    *File
		text []byte
		c    chunk
	}
	var list []statement
	size := 0
	for _, data := range corpus(b) {
		f := newFile("", data, codec{})
		f.Module = &Node{Kind: "module", End: len(data), File: f}
		text := normalizeCR(data)
		cut, _ := chunks(text, 0)
		for _, c := range cut {
			if _, ok := f.fastChunk(text, c); ok {
				list = append(list, statement{f, text, c})
				size += c.End - c.Start
			}
		}
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, s := range list {
			s.f.fastChunk(s.text, s.c)
		}
	}
}

// BenchmarkScopes binds the names of files parsed before.
func BenchmarkScopes(b *testing.B) {
	var files []*File
	for _, data := range corpus(b) {
		f, err := Parse("x.py", data, nil)
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, f)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range files {
			buildScopes(f)
		}
	}
}
